public import Core
public import Databases
import Synchronization

/// A database across a network, whose callers wait until their calls end, or until all are given up: a call over a network that is cut
/// ends when its own time is over, half a minute late, and nothing that it could still bring is of use once the term is over.
public final class AbandonableDatabase: Database {
    private struct State {
        var reason: ApolloError?
        var waiting: [UInt64: @Sendable (ApolloError) -> Void] = [:]
        var count: UInt64 = 0
    }

    private let database: any Database
    private let state = Mutex(State())

    public init(_ database: any Database) { self.database = database }

    public func read<Value: Sendable>(
        _ body: @escaping @Sendable (borrowing Transaction) throws -> Value
    ) async throws -> Value {
        try await run { [database] in try await database.read(body) }
    }

    @discardableResult
    public func write<Value: Sendable>(
        _ body: @escaping @Sendable (borrowing Transaction) throws -> Value
    ) async throws -> Value {
        try await run { [database] in try await database.write(body) }
    }

    public var statistics: DatabaseStatistics { database.statistics }

    /// It is closed by who opened it.
    public func close() async {}

    /// Returns what `call` returns. Once all are given up it throws the reason for that; the call itself goes on by itself, and what
    /// comes of it is dropped. A cancellation reaches the call, whose answer is waited for.
    private func run<Value: Sendable>(_ call: @escaping @Sendable () async throws -> Value) async throws
        -> Value
    {
        let answer = Answer<Value>()
        let id = try state.withLock { state in
            if let reason = state.reason { throw reason }
            state.count += 1
            state.waiting[state.count] = { answer.set(.failure($0)) }
            return state.count
        }
        defer { state.withLock { $0.waiting[id] = nil } }
        let task = Task {  // lint:allow unstructured-task its caller may have to go on without it
            do { answer.set(.success(try await call())) } catch { answer.set(.failure(error)) }
        }
        return try await withTaskCancellationHandler {
            try await answer.value()
        } onCancel: {
            task.cancel()
        }
    }

    /// Ends the wait for all calls that are under way, with `reason`, and refuses more. What was to be written is written or not, as
    /// the database has it.
    public func giveUp(_ reason: ApolloError) {
        let waiting = state.withLock { state in
            state.reason = state.reason ?? reason
            defer { state.waiting = [:] }
            return state.waiting
        }
        for tell in waiting.values { tell(reason) }
    }
}

/// The first of several results, for one who waits for it and whom a cancellation does not wake: who is cancelled still hears what
/// became of the call.
private final class Answer<Value: Sendable>: Sendable {
    private enum State {
        case open
        case awaited(UnsafeContinuation<Value, any Error>)
        case set(Result<Value, any Error>)
    }

    private let state = Mutex(State.open)

    func set(_ result: Result<Value, any Error>) {
        let waiter: UnsafeContinuation<Value, any Error>? = state.withLock { state in
            switch state {
            case .open:
                state = .set(result)
                return nil
            case .awaited(let continuation):
                state = .set(result)
                return continuation
            case .set: return nil
            }
        }
        waiter?.resume(with: result)
    }

    func value() async throws -> Value {
        try await withUnsafeThrowingContinuation { continuation in
            let result: Result<Value, any Error>? = state.withLock { state in
                if case .set(let result) = state { return result }
                state = .awaited(continuation)
                return nil
            }
            if let result { continuation.resume(with: result) }
        }
    }
}
