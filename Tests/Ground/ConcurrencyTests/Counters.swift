import Synchronization

/// Counts, from any thread.
final class Counter: Sendable {
    private let value = Mutex(0)
    func add() { value.withLock { $0 += 1 } }
    var count: Int { value.withLock { $0 } }
}

/// How many are somewhere, and how many were there at most.
final class Gauge: Sendable {
    private let value = Mutex((now: 0, most: 0))

    func enter() {
        value.withLock {
            $0.now += 1
            $0.most = max($0.most, $0.now)
        }
    }

    func leave() { value.withLock { $0.now -= 1 } }

    var most: Int { value.withLock { $0.most } }
}
