import ClusterModel
import Core
import Documents
import Testing

struct TaskRequestTests {
    private func decode(_ json: String) throws(ApolloError) -> TaskRequest {
        try DocumentDecoder().decode(TaskRequest.self, from: Array(json.utf8))
    }

    /// The fields at fault, `path: message`.
    private func faults(_ json: String) -> [String] {
        do {
            guard let fault = try decode(json).fault() else { return [] }
            return fault.fields.map { "\($0.path): \($0.message)" }
        } catch {
            return error.fields.map { "\($0.path): \($0.message)" }
        }
    }

    @Test func `the smallest task takes every default`() throws {
        let request = try decode(#"{"image": "busybox"}"#)
        #expect(request == TaskRequest(spec: TaskSpec(image: "busybox")))
    }

    @Test func `what is written reads back`() throws {
        let spec = TaskSpec(
            image: "registry.example:5000/team/app@sha256:0123", command: ["a", "b"], entrypoint: ["/x"],
            environment: ["A": "1"], workingDirectory: "/w", user: "1000:1000",
            mounts: [Mount(source: "/a", target: "/b", readOnly: true)],
            ports: [PortMapping(container: 80, host: 8080, address: "0.0.0.0", transport: .udp)],
            resources: Resources(
                cpuMillis: 500, memory: .mebibytes(64), disk: .gibibytes(1), gpus: 1, processes: 9),
            restart: RestartPolicy(mode: .onFailure, attempts: 3), pull: .always, labels: ["k": "v"],
            priority: 5,
            onDisconnect: .stopAfter, stopAfter: Seconds(20), stopGrace: Seconds(1.5), timeout: Seconds(60))
        let request = TaskRequest(name: "web", spec: spec)
        #expect(try decode(String(decoding: JSONWriter.bytes(encoding: request), as: UTF8.self)) == request)
    }

    @Test func `people's units are understood`() throws {
        let request = try decode(
            #"{"executable": "/bin/true", "resources": {"cpu": 0.25, "memory": "64Mi"}, "timeout": "1m30s"}"#)
        #expect(request.spec.resources.cpuMillis == 250)
        #expect(request.spec.resources.memory == .mebibytes(64))
        #expect(request.spec.timeout == Seconds(90))
    }

    @Test(arguments: [
        (#"{}"#, "image"), (#"{"image": "a", "executable": "b"}"#, "executable"),
        (#"{"image": "../etc"}"#, "image"),
        (#"{"image": "a b"}"#, "image"), (#"{"executable": "a", "entrypoint": ["x"]}"#, "entrypoint"),
        (#"{"image": "a", "imagee": 1}"#, "imagee"), (#"{"image": 7}"#, "image"),
        (#"{"image": "a", "name": "A_b"}"#, "name"),
        (#"{"image": "a", "resources": {"memory": 1}}"#, "resources.memory"),
        (#"{"image": "a", "resources": {"memory": "999999999Ti"}}"#, "resources.memory"),
        (#"{"image": "a", "resources": {"cpu": -1}}"#, "resources.cpu"),
        (#"{"image": "a", "ports": [{"container": 70000}]}"#, "ports[0].container"),
        (#"{"image": "a", "ports": [{"container": 80}, {"container": 80}]}"#, "ports[1].container"),
        (#"{"image": "a", "mounts": [{"source": "x", "target": "/y"}]}"#, "mounts[0].source"),
        (#"{"image": "a", "mounts": [{"source": "/a/../etc", "target": "/y"}]}"#, "mounts[0].source"),
        (#"{"image": "a", "restart": {"mode": "sometimes"}}"#, "restart.mode"),
        (#"{"image": "a", "restart": {"wait": 100, "maximumWait": 1}}"#, "restart.maximumWait"),
        (#"{"image": "a", "environment": {"A=B": "x"}}"#, "environment"),
        (#"{"image": "a", "command": ["a\u0000b"]}"#, "command[0]"),
        (#"{"image": "a", "priority": 1e30}"#, "priority"),
        (#"{"image": "a", "constraints": [{"label": "zone~a", "relation": "exists"}]}"#, "constraints[0]"),
    ])
    func `what is wrong is named by its field`(_ json: String, _ path: String) {
        let found = faults(json)
        #expect(found.contains { $0.hasPrefix(path) }, "\(found)")
    }

    @Test func `malformed JSON says where`() {
        let error = #expect(throws: ApolloError.self) { try decode(#"{"image": "a","#) }
        #expect(error?.kind == .invalid)
    }
}
