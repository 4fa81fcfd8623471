import APIMessages
import Concurrency
import Core
import EventLoops
import PlatformClients
import Synchronization
import WebSockets

/// A program beside a task for this command's own use, rather than the user's.
struct TaskProgram {
    let session: Session
    let client: PlatformClient
    let task: String

    /// How it ended, and what it said on its stderr.
    struct Outcome: Sendable {
        var code: Int32?
        var errors: [UInt8] = []
    }

    /// Runs it, with what `input` gives it, nil for none; what it writes goes to `output`, which takes its time.
    func run(
        _ command: [String], input: (@Sendable (WebSocket) async throws -> Void)? = nil,
        output: @escaping @Sendable ([UInt8]) async throws -> Void = { _ in }
    ) async throws -> Outcome {
        let query = ExecQuery(command: command, takesInput: input != nil, terminal: nil)
        let loops = try EventLoopGroup(count: 1, name: "exec")
        let outcome = Mutex(Outcome())
        do {
            try await TaskExecutor.connect(client, task, query, session, on: loops.next()) { socket in
                let found = try await relay(socket, input, output)
                outcome.withLock { $0 = found }
            }
            await loops.stop()
        } catch {
            await loops.stop()
            throw error
        }
        return outcome.withLock { $0 }
    }

    private func relay(
        _ socket: WebSocket, _ input: (@Sendable (WebSocket) async throws -> Void)?,
        _ output: @escaping @Sendable ([UInt8]) async throws -> Void
    ) async throws -> Outcome {
        try await withThrowingTaskGroup(of: Outcome?.self) { group in
            group.addTask {
                var outcome = Outcome()
                while let message = try await socket.receive() {
                    switch try TaskExecutor.notice(message) {
                    case .output(.stdout, let bytes): try await output(bytes)
                    case .output(.stderr, let bytes):
                        outcome.errors += bytes.prefix(max(0, 4096 - outcome.errors.count))
                    case .exit(let code, _):
                        outcome.code = code
                        return outcome
                    case .failure(let error): throw error
                    case .started, nil: break
                    }
                }
                return outcome
            }
            if let input {
                group.addTask {
                    try await input(socket)
                    try await socket.send(.text(ExecControl.end.text))
                    return nil
                }
            }
            defer { group.cancelAll() }
            while let ended = try await group.next() { if let ended { return ended } }
            return Outcome()
        }
    }

    /// Throws unless the program did what it should.
    static func check(_ outcome: Outcome, _ activity: String) throws {
        guard outcome.code != 0 else { return }
        let said = String(decoding: outcome.errors, as: UTF8.self).split(separator: "\n").first.map {
            ": \($0)"
        }
        throw ApolloError(
            outcome.code == nil ? .unavailable : .invalid,
            outcome.code == nil ? "\(activity) was broken off" : "\(activity) failed\(said ?? "")",
            hint: outcome.code == nil ? "try again" : nil)
    }
}
