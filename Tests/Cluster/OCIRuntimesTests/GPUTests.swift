import ClusterModel
import Core
import Glibc
import OCIRuntimes
import TaskRuntimes
import Testing

/// GPUs of containers, as a description says that is not of a real one.
@Suite(.serialized, .enabled(if: OCIFixture.isUsable, Comment(rawValue: OCIFixture.obstacle)))
struct GPUTests {
    private static let gpu = AssignedGPU(index: 0, uuid: "GPU-5a0c8f1e")
    /// Its device is that of /dev/zero, under another name.
    private static let description = """
        cdiVersion: 0.5.0
        kind: nvidia.com/gpu
        devices:
        - name: "0"
          containerEdits:
            deviceNodes:
            - path: /dev/fake-gpu
              hostPath: /dev/zero
              fileMode: 0666
        containerEdits:
          env:
          - NVIDIA_VISIBLE_DEVICES=void
          mounts:
          - hostPath: /etc/hostname
            containerPath: /opt/of-the-driver
            options: [ro, nosuid, nodev, bind]
        """

    private func with(
        _ description: String?, _ body: (OCIFixture) async throws -> Void
    ) async throws {
        func describe(_ settings: inout OCISettings, _ directory: String) throws {
            let place = directory + "/cdi"
            settings.deviceSpecifications = [directory + "/none", place]
            guard let description else { return }
            try #require(mkdir(place, 0o755) == 0)
            let file = try #require(fopen(place + "/nvidia.yaml", "w"))
            defer { fclose(file) }
            try #require(fputs(description, file) >= 0)
        }
        try await OCIFixture.with(settings: describe, body)
    }

    private func refusal(_ fixture: OCIFixture, gpus: [AssignedGPU]) async -> String {
        do throws(RuntimeError) {
            _ = try await fixture.runtime.start(fixture.launch("true", gpus: gpus) { $0.resources.gpus = 1 })
            { _ in }
            return ""
        } catch {
            guard case .rejected(let message, _) = error else { return "\(error)" }
            return message
        }
    }

    @Test func `a container has the device that it was given, its files and its variables`() async throws {
        try await with(Self.description) { fixture in
            let script = """
                head -c 4 /dev/fake-gpu | wc -c; echo $NVIDIA_VISIBLE_DEVICES; [ -s /opt/of-the-driver ] && echo file
                """
            let run = try await fixture.run(script, gpus: [Self.gpu]) { $0.resources.gpus = 1 }
            #expect(run.text == "4\nvoid\nfile\n" && run.exit.code == 0)
            // Another container has none of it.
            let other = try await fixture.run(
                "ls /dev/fake-gpu /opt/of-the-driver 2>/dev/null; echo $NVIDIA_VISIBLE_DEVICES")
            #expect(other.text == "\n")
        }
    }

    @Test func `where nobody describes the GPU the start is refused, and says what to do`() async throws {
        try await with(nil) { fixture in
            let said = await refusal(fixture, gpus: [Self.gpu])
            #expect(said.contains("describes GPUs for containers by runc"), "\(said)")
            #expect(await refusal(fixture, gpus: []).contains("does not say which GPUs"))
        }
        try await with(Self.description) { fixture in
            let said = await refusal(fixture, gpus: [AssignedGPU(index: 7, uuid: "GPU-7")])
            #expect(said.contains("it describes no device GPU-7 or 7"), "\(said)")
        }
        try await with(
            "cdiVersion: 0.5.0\nkind: nvidia.com/gpu\ndevices: [{name: \"0\", containerEdits: {deviceNodes: [{path: /dev/no-such}]}}]\n"
        ) { fixture in
            let said = await refusal(fixture, gpus: [Self.gpu])
            #expect(said.contains("there is no device /dev/no-such"), "\(said)")
        }
    }
}
