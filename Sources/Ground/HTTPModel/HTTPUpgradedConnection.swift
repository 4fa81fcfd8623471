public import Core

/// The bytes of a connection that speaks HTTP no more. One reads at a time.
public protocol HTTPUpgradedConnection: Sendable {
    /// The next bytes, never empty; nil at the end. Throws ``HTTPBodyError/timedOut`` at `deadline`, after which it can go on.
    func read(before deadline: MonotonicInstant) async throws -> [UInt8]?

    /// Returns once the bytes are handed to the network. Writes of several tasks go out one after the other, each in one piece.
    func write(_ bytes: [UInt8]) async throws

    /// Breaks the connection off: whoever reads or writes fails.
    func abort()
}
