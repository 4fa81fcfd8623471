import Synchronization

/// One at a time for each name; others of that name wait until it is their turn.
public final class NamedTurns: Sendable {
    private let latches = Mutex<[String: Latch<Void>]>([:])

    public init() {}

    /// Whether nobody has a turn.
    public var isIdle: Bool { latches.withLock { $0.isEmpty } }

    /// Runs `body` when nobody else does under this name. Throws what it throws, and `CancellationError` where the task is cancelled
    /// while it waits.
    public func run<Value>(_ name: String, _ body: () async throws -> Value) async throws -> Value {
        while let other = latches.withLock({ latches in
            let other = latches[name]
            if other == nil { latches[name] = Latch() }
            return other
        }) {
            try await other.wait()
        }
        defer { latches.withLock { $0.removeValue(forKey: name) }?.open() }
        return try await body()
    }
}
