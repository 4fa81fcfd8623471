import ClusterModel
import Core
import NodeMessages
import RPCModel
import TaskDecisions
import TaskRuntimes

/// A program beside an attempt on another machine, as long as the call lasts that runs it.
struct RemoteExec: ExecSession {
    let pieces: RPCRequests<ExecInputPiece>
    let news: RPCReader<ExecNews>

    func next() async throws(RuntimeError) -> ExecEvent? {
        do {
            while let message = try await news.next() {
                if let event = message.event { return event }
            }
            return nil
        } catch {
            throw RemoteLogReader.failure(error)
        }
    }

    func give(_ input: ExecInput) async throws(RuntimeError) {
        do { try await pieces.write(ExecInputPiece(input)) } catch {
            let failure = RemoteLogReader.failure(error)
            // Where it has ended nothing more is taken, and the reader says how.
            if failure == .cancelled { throw failure }
        }
    }

    /// The end of the call does it.
    func close() async {}

    /// What it means to who asked for the program.
    static func failure(_ error: RPCError) -> ApolloError {
        switch error.code {
        case .unimplemented:
            ApolloError(
                .unavailable, "the worker on the task's node is older and runs nothing beside tasks",
                hint: "bring it to the manager's version")
        case .unavailable, .deadlineExceeded:
            ApolloError(
                .unavailable, "the task's node does not answer: \(error.message)",
                hint: "see 'apollo node ls'")
        default: error.apolloError
        }
    }
}

extension WorkerServer {
    /// Runs the program, and carries what it is given and gives, until it ends or the call does.
    func relay(
        _ session: any ExecSession, _ requests: RPCReader<ExecInputPiece>, _ responses: RPCWriter<ExecNews>
    ) async throws {
        try await responses.write(ExecNews(kind: .started(Done())))
        try await withThrowingTaskGroup(of: Bool.self) { group in
            group.addTask {
                while let event = try await session.next() { try await responses.write(ExecNews(event)) }
                return true
            }
            group.addTask {
                while let piece = try await requests.next() {
                    if let input = piece.input { try await session.give(input) }
                }
                return false
            }
            defer { group.cancelAll() }
            // Who has no more to give may still want the output.
            while let isOver = try await group.next(), !isOver {}
        }
    }
}
