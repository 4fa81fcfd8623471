import ClusterModel
import Core
import Documents
import ImageModel
import Testing

@testable import OCIBundles

struct DeviceTests {
    /// As `nvidia-ctk cdi generate` writes them, shortened.
    private static let text = """
        {"cdiVersion": "0.5.0", "kind": "nvidia.com/gpu",
         "containerEdits": {
           "deviceNodes": [{"path": "/dev/nvidiactl", "major": 195, "minor": 255, "type": "c"}],
           "env": ["NVIDIA_VISIBLE_DEVICES=void"],
           "hooks": [{"hookName": "createContainer", "path": "/usr/bin/nvidia-cdi-hook",
                      "args": ["nvidia-cdi-hook", "update-ldcache"]}],
           "mounts": [{"hostPath": "/usr/bin/nvidia-smi", "containerPath": "/usr/bin/nvidia-smi",
                       "options": ["ro", "nosuid", "nodev", "bind"]}]},
         "devices": [
           {"name": "0", "containerEdits": {"deviceNodes": [{"path": "/dev/nvidia0"}], "additionalGids": [44]}},
           {"name": 1, "containerEdits": {"deviceNodes": [{"path": "/dev/nvidia1", "permissions": "r"}]}},
           {"name": "GPU-1", "containerEdits": {"deviceNodes": [{"path": "/dev/nvidia1", "permissions": "r"}]}}]}
        """

    private func specification(_ text: String = text) throws -> DeviceSpecification {
        try DeviceSpecification(parsing: try JSONReader().read(Array(text.utf8)))
    }

    @Test func `devices are found by any of their names, with what all of them need`() throws {
        let specification = try specification()
        #expect(specification.kind == "nvidia.com/gpu")
        let edits = try specification.edits(for: [["GPU-0", "0"], ["GPU-1", "1"]]).get()
        #expect(edits.devices.map(\.path) == ["/dev/nvidiactl", "/dev/nvidia0", "/dev/nvidia1"])
        #expect(edits.devices.map(\.permissions) == ["rw", "rw", "r"])
        #expect(edits.devices[0].number == .init(type: "c", major: 195, minor: 255))
        #expect(edits.devices[1].number == nil)
        #expect(edits.groups == [44])
        #expect(edits.mounts.map(\.target) == ["/usr/bin/nvidia-smi"])
        #expect(edits.mounts[0].options == ["ro", "nosuid", "nodev", "bind"])
        guard case .failure(let error) = specification.edits(for: [["GPU-9", "9"]]) else {
            Issue.record("a device that is not described was found")
            return
        }
        #expect("\(error)" == "it describes no device GPU-9 or 9")
    }

    @Test func `a container is told of its devices, and may use these alone`() throws {
        var edits = try specification().edits(for: [["0"]]).get()
        edits.devices[1].number = .init(type: "c", major: 195, minor: 0)
        edits.environment.append("PATH=/none")
        let launch = AttemptLaunch(
            attempt: .init(time: .init(microseconds: 1), random: 2),
            task: .init(time: .init(microseconds: 3), random: 4),
            taskName: "a", project: "default", spec: TaskSpec(image: "x", command: ["run"]))
        var bundle = ContainerBundle(
            command: try ContainerCommand(launch, .init(), .root, ports: []), account: .root, root: "/r",
            hostName: "h",
            cgroup: "c")
        bundle.edits = edits
        let document = try JSONReader().read(bundle.bytes)
        let nodes = document["linux"]?["devices"]?.array ?? []
        #expect(nodes.compactMap { $0["path"]?.string } == ["/dev/nvidiactl", "/dev/nvidia0"])
        let rules = document["linux"]?["resources"]?["devices"]?.array ?? []
        #expect(rules.map { $0["allow"]?.bool } == [false, true, true])
        #expect(rules.last?["minor"]?.integer == 0 && rules.last?["access"]?.string == "rw")
        #expect(document["process"]?["user"]?["additionalGids"]?[0]?.integer == 44)
        let variables = document["process"]?["env"]?.array?.compactMap(\.string) ?? []
        #expect(variables.contains("NVIDIA_VISIBLE_DEVICES=void") && !variables.contains("PATH=/none"))
        #expect(document["hooks"]?["createContainer"]?[0]?["path"]?.string == "/usr/bin/nvidia-cdi-hook")
        #expect(document["mounts"]?.array?.last?["destination"]?.string == "/usr/bin/nvidia-smi")
    }

    @Test(arguments: [
        #"{"kind": "a/b"}"#, #"{"cdiVersion": "0.5.0", "kind": "a/b", "devices": [{"containerEdits": {}}]}"#,
        #"{"cdiVersion": "0.5.0", "kind": "a/b", "containerEdits": {"deviceNodes": [{"path": "dev/x"}]}}"#,
        #"{"cdiVersion": "0.5.0", "kind": "a/b", "containerEdits": {"deviceNodes": [{"path": "/x", "permissions": "all"}]}}"#,
        #"{"cdiVersion": "0.5.0", "kind": "a/b", "containerEdits": {"mounts": [{"hostPath": "/x"}]}}"#,
        #"{"cdiVersion": "0.5.0", "kind": "a/b", "containerEdits": {"hooks": [{"hookName": "now", "path": "/x"}]}}"#,
        #"{"cdiVersion": "0.5.0", "kind": "a/b", "containerEdits": {"hooks": [{"hookName": "poststop", "path": "x"}]}}"#,
    ])
    func `a description that leaves things open is refused`(_ text: String) {
        #expect(throws: DeviceSpecificationError.self) { try specification(text) }
    }
}
