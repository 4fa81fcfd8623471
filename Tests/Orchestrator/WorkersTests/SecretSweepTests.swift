import ClusterModel
import Concurrency
import Core
import Glibc
import Synchronization
import TaskDecisions
import TaskRuntimes
import Testing
import Workers

/// A runtime that has what it is told to have.
private struct StillRuntime: TaskRuntime {
    let kind = RuntimeKind.process
    let has: [RuntimeAttempt]

    func probe() async -> RuntimeStatus { RuntimeStatus(kind: kind, isAvailable: true, detail: "still") }
    func start(
        _ launch: AttemptLaunch, report: @escaping @Sendable (LaunchProgress) -> Void
    ) async throws(RuntimeError) -> StartedAttempt { throw .unknownAttempt }
    func wait(_ attempt: AttemptID) async throws(RuntimeError) -> AttemptExit { throw .unknownAttempt }
    func stop(_ attempt: AttemptID, grace: Duration) async throws(RuntimeError) {}
    func remove(_ attempt: AttemptID) async throws(RuntimeError) {}
    func list() async throws(RuntimeError) -> [RuntimeAttempt] { has }
    func logs(_ attempt: AttemptID, _ query: LogQuery) async throws(RuntimeError) -> any LogReader {
        throw .unknownAttempt
    }
    func usage(_ attempt: AttemptID) async throws(RuntimeError) -> AttemptUsage? { nil }

    func exec(_ attempt: AttemptID, _ request: ExecRequest) async throws(RuntimeError) -> any ExecSession {
        throw .unavailable("nothing is run beside these attempts", hint: "")
    }
}

private struct NoSecrets: SecretSource {
    func values(
        of references: [SecretReference], for recipient: SecretRecipient
    ) async throws(RuntimeError) -> [SecretBytes] { [] }
}

struct SecretSweepTests {
    @Test func `what a crash left of secrets goes when the worker begins, and nothing else does`()
        async throws
    {
        var template = Array("/tmp/apollo-secret-sweep-XXXXXX".utf8CString)
        try #require(mkdtemp(&template) != nil)
        let directory = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        func id(_ number: UInt64) -> AttemptID {
            AttemptID(time: Timestamp(microseconds: 0), random: number)
        }
        let (left, running, foreign) = (id(1), id(2), id(3))
        let gone = ["process-\(left)"]
        // What runs; what belongs to a runtime that does not answer; what is no attempt's.
        let kept = ["process-\(running)", "docker-\(foreign)", "process-notes", "\(left)"]
        for name in gone + kept {
            try #require(mkdir("\(directory)/\(name)", 0o700) == 0)
            let file = open("\(directory)/\(name)/secret", O_WRONLY | O_CREAT, 0o400)
            try #require(file >= 0)
            close(file)
        }
        let task = TaskID(time: Timestamp(microseconds: 0), random: 9)
        let node = NodeID(time: Timestamp(microseconds: 0), random: 8)
        let worker = Worker(
            node: node,
            runtimes: [
                StillRuntime(has: [
                    RuntimeAttempt(attempt: running, task: task, startedAt: Timestamp(microseconds: 1))
                ])
            ], environment: .live,
            secrets: SecretDelivery(
                source: NoSecrets(), directory: SecretDirectory(path: directory), node: "one"),
            inventory: {
                Node(
                    id: node, name: "one", state: .ready, capacity: Capacity(), allocated: Capacity(),
                    architecture: "x", operatingSystem: "x", version: "0", runtimes: [],
                    registeredAt: Timestamp(microseconds: 0))
            }, report: { _ in })
        _ = await worker.attempts()
        for name in gone { #expect(access("\(directory)/\(name)", F_OK) != 0, "\(name) is left") }
        for name in kept {
            #expect(access("\(directory)/\(name)/secret", F_OK) == 0, "\(name) is gone")
            unlink("\(directory)/\(name)/secret")
            rmdir("\(directory)/\(name)")
        }
        rmdir(directory)
    }
}
