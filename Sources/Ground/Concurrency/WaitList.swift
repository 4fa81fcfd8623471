/// Those who wait, in the order they came, each under the identifier by which a cancellation finds it again.
///
/// Removal searches; lists are short, and whoever cancels thousands of waiters at once pays microseconds for each.
@usableFromInline
struct WaitList<Waiter> {
    @usableFromInline var waiters: [(id: UInt64, waiter: Waiter)] = []
    @usableFromInline var head = 0
    @usableFromInline var lastID: UInt64 = 0

    @inlinable
    init() {}

    @inlinable
    var isEmpty: Bool { head == waiters.count }

    /// The one that has waited longest.
    var first: Waiter? { isEmpty ? nil : waiters[head].waiter }

    /// An identifier for a waiter that is about to come. It is made before the wait begins, since the cancellation
    /// handler has to know it.
    @inlinable
    mutating func makeID() -> UInt64 {
        lastID += 1
        return lastID
    }

    @inlinable
    mutating func append(_ waiter: Waiter, id: UInt64) {
        waiters.append((id, waiter))
    }

    @inlinable
    mutating func popFirst() -> Waiter? {
        guard head < waiters.count else { return nil }
        let first = waiters[head].waiter
        head += 1
        // Amortised: half of the array is moved only after half of it was taken.
        if head * 2 >= waiters.count {
            waiters.removeFirst(head)
            head = 0
        }
        return first
    }

    @inlinable
    mutating func remove(id: UInt64) -> Waiter? {
        guard let index = waiters[head...].firstIndex(where: { $0.id == id }) else { return nil }
        return waiters.remove(at: index).waiter
    }

    /// Takes all, leaving none.
    @inlinable
    mutating func takeAll() -> [Waiter] {
        guard !isEmpty else { return [] }
        defer {
            waiters = []
            head = 0
        }
        // A closure, and no key path: of a generic type that is made anew each time, which takes longer than all the rest.
        return waiters[head...].map { $0.waiter }
    }
}
