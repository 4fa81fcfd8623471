import ClusterModel
import Core
import Documents
import Scheduling
import Testing

struct RecordWritingTests {
    private let id = TaskID(time: Timestamp(microseconds: 1_790_000_000_123_456), random: 77)
    private let time = Timestamp(microseconds: 1_790_000_000_123_000)

    private func written(_ record: TaskRecord) -> String {
        var writer = JSONWriter()
        record.write(to: &writer)
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    private func encoded(_ record: TaskRecord) throws -> String {
        String(decoding: try JSONWriter.bytes(encodingInOrder: record), as: UTF8.self)
    }

    private var fullSpec: TaskSpec {
        TaskSpec(
            image: "registry.example:5000/team/\"app\"", executable: "/bin/echo", requestedRuntime: .oci,
            command: ["a\n", "", "ü"],
            entrypoint: ["/x"], environment: ["B": "2\\", "A": "1", "AA": ""], workingDirectory: "/w",
            user: "1000:1000",
            mounts: [Mount(source: "/a", target: "/b", readOnly: true)],
            volumes: [VolumeMount(name: "v", target: "/v", readOnly: true)],
            secrets: [SecretReference(name: "s", version: 3, path: "p", environment: nil)],
            ports: [
                PortMapping(container: 80, host: 8080, address: "0.0.0.0", transport: .udp, name: "http")
            ],
            resources: Resources(
                cpuMillis: 1500, memory: .mebibytes(64), disk: .gibibytes(1), gpus: 1, processes: 9),
            constraints: [Constraint("zone", .isIn, ["a", "b"])],
            affinities: [Affinity(Constraint("disk", .exists), weight: -3)], group: "g",
            spread: SpreadRule(over: "zone", maximumSkew: 2), apart: true,
            restart: RestartPolicy(
                mode: .unlessStopped, attempts: 3, wait: Seconds(0.25), factor: 1.5, maximumWait: Seconds(61),
                window: Seconds(10), sameNode: 4),
            pull: .always, labels: ["k": "v", "a": "b"], priority: -5, onDisconnect: .stopAfter,
            stopAfter: Seconds(20.125), stopGrace: Seconds(1.5), timeout: Seconds(60),
            startWithin: Seconds(7), finishWithin: Seconds(8),
            health: HealthCheck(http: .init(path: "/health", status: [200], headers: ["b": "1", "a": "2"])))
    }

    private var fullAttempt: Attempt {
        var attempt = Attempt(
            id: AttemptID(time: time, random: 5), number: 2, node: NodeID(time: time, random: 6), epoch: 9,
            state: .ended,
            createdAt: time, startedAt: time, endedAt: time, outcome: .failed, exitCode: -1,
            reason: "it \"failed\"",
            ports: [PortMapping(container: 80, host: 8080)], gpus: [AssignedGPU(index: 1, uuid: "GPU-1")])
        attempt.health = Health(state: .unhealthy, reason: "GET answered 503", since: time)
        return attempt
    }

    private var fullRecord: TaskRecord {
        var record = TaskRecord(
            id: id, name: "web", project: "default", revision: 1 << 60, spec: fullSpec, desired: .stopped,
            state: .failed,
            reason: "exit code 1\u{1}", attempts: [fullAttempt, fullAttempt], attemptCount: 12,
            restartStreak: 3,
            notBefore: time, createdAt: time, createdBy: "user://local/default/ann", finishedAt: time)
        record.nodeStreak = 2
        record.startBy = time
        return record
    }

    @Test func `a record with all there can be is written as its encoding has it`() throws {
        let record = fullRecord
        #expect(written(record) == (try encoded(record)))
        let bytes = Array(written(record).utf8)
        #expect(try JSONReader.decode(TaskRecord.self, from: bytes) == record)
    }

    /// What is nil is in neither, so that a member that was forgotten above would not be missed.
    @Test func `that record leaves nothing out`() {
        func missing(_ value: Any) -> [String] {
            Mirror(reflecting: value).children.filter { child in
                let mirror = Mirror(reflecting: child.value)
                return mirror.displayStyle == .optional && mirror.children.isEmpty
            }.compactMap(\.label)
        }
        #expect(missing(fullRecord) == [])
        #expect(missing(fullAttempt) == [])
        #expect(missing(fullSpec) == [])
        #expect(missing(fullSpec.resources) == [])
        #expect(missing(fullSpec.restart) == [])
    }

    @Test func `a record of the least there can be is written as its encoding has it`() throws {
        var record = TaskRecord(
            id: id, name: "t", project: "p", spec: TaskSpec(), reason: "", createdAt: time, createdBy: "")
        #expect(written(record) == (try encoded(record)))
        record.attempts = [
            Attempt(
                id: AttemptID(time: time, random: 5), number: 1, node: NodeID(time: time, random: 6),
                epoch: 1,
                createdAt: time)
        ]
        #expect(written(record) == (try encoded(record)))
    }

    @Test(arguments: [0, 0.1, 1, 1e15, 9_007_199_254_740_991, 9_007_199_254_740_992, 1e300, -0.5])
    func `numbers are written as the encoding has them`(_ number: Double) throws {
        var record = fullRecord
        record.spec.restart.factor = number
        record.spec.timeout = Seconds(number)
        #expect(written(record) == (try encoded(record)))
    }
}
