import Synchronization

/// Numbers that callers beside one another take in turn.
final class SharedCounter: Sendable {
    private let next = Atomic<Int>(0)

    /// The first of the next `count` numbers, from 0.
    func take(_ count: Int = 1) -> Int { next.wrappingAdd(count, ordering: .relaxed).oldValue }
}
