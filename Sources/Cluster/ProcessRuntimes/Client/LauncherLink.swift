import Concurrency
import Core
import Synchronization
import TaskRuntimes

/// The way to the launcher: connects when first needed and again when it was lost, one at a time, on a thread of its own.
actor LauncherLink {
    private let executor = ThreadExecutor(name: "launcher-start")
    private let starter: LauncherStarter
    private let current = Mutex<LauncherConnection?>(nil)

    /// How often a request is asked again when the launcher goes away under it.
    private static let tries = 8

    init(starter: LauncherStarter) { self.starter = starter }

    deinit {
        current.withLock { $0?.close() }
        executor.stop()
    }

    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// Runs something that blocks, on the link's thread.
    func blocking<Value: Sendable>(
        _ body: @Sendable () throws(RuntimeError) -> Value
    ) throws(RuntimeError) -> Value {
        try body()
    }

    private func connect() throws(RuntimeError) -> LauncherConnection {
        if let connection = live { return connection }
        let connection = try starter.connect()
        current.withLock { $0 = connection }
        return connection
    }

    private nonisolated var live: LauncherConnection? {
        current.withLock { connection in connection.flatMap { $0.isLost ? nil : $0 } }
    }

    /// Asks the launcher, again if it goes away: every request may be repeated. One that is not cancellable is given
    /// up only before it is sent, since what it starts must not be left to nobody.
    nonisolated func ask(
        _ request: LauncherRequest, within limit: Duration? = .seconds(30), isCancellable: Bool = true
    ) async throws(RuntimeError) -> LauncherReply {
        for _ in 0..<Self.tries {
            if Task.isCancelled { throw .cancelled }
            let connection: LauncherConnection
            if let live { connection = live } else { connection = try await connect() }
            do throws(LauncherConnection.Failure) {
                return try await connection.ask(request, within: limit, isCancellable: isCancellable)
            } catch {
                switch error {
                case .lost: continue
                case .cancelled: throw .cancelled
                case .timedOut:
                    throw .unavailable(
                        "the process launcher did not answer within \(limit?.short ?? "its time")",
                        hint: "its log is \(LauncherOptions.log(in: starter.options.directory))")
                case .overloaded:
                    throw .exhausted("too much is asked of the process launcher at once", hint: "try again")
                }
            }
        }
        throw .unavailable(
            "the process launcher went away \(Self.tries) times",
            hint: "its log is \(LauncherOptions.log(in: starter.options.directory))")
    }

    /// Lets go of the connection; the next request makes a new one.
    nonisolated func close() {
        current.withLock { connection in
            connection?.close()
            connection = nil
        }
    }
}
