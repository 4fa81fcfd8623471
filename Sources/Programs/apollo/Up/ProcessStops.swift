import Concurrency
import Core
import EventLoops
import Synchronization

/// What ends a process: the signals that ask for it, the first in order and the second at once. One that asks to look at files
/// anew ends nothing.
final class ProcessStops: Sendable {
    private let first = Concurrency.Latch<String>()
    private let second = Concurrency.Latch<String>()
    private let reloads = Mutex<[@Sendable () async -> Void]>([])

    /// What the first signal was, once there was one.
    var reason: String? { first.current }

    /// Whom to tell of a hang-up; nil for nobody.
    func onHangUp(_ body: (@Sendable () async -> Void)?) { reloads.withLock { $0 = body.map { [$0] } ?? [] } }

    /// Takes the signals until there are no more, or it is cancelled.
    func run(_ signals: Signals) async {
        // Throws where the process ends.
        while let signal = try? await signals.next() {
            if signal == .hangUp {
                for reload in reloads.withLock({ $0 }) { await reload() }
            } else if !first.set(signal.name) {
                second.set(signal.name)
            }
        }
    }

    /// The name of the first signal.
    func asked() async throws -> String { try await first.value() }

    /// For a group of services: returns when they are to end, by a signal or as `other` says, and again when they are to end at
    /// once.
    func stopping(_ other: Concurrency.Latch<String>) -> @Sendable () async throws -> String {
        let calls = Mutex(0)
        return { [first, second] in
            let isFirst = calls.withLock { count in
                count += 1
                return count == 1
            }
            guard isFirst else { return try await second.value() }
            return try await withThrowingTaskGroup(of: String.self) { group in
                group.addTask { try await first.value() }
                group.addTask { try await other.value() }
                defer { group.cancelAll() }
                return try await group.next() ?? ""
            }
        }
    }
}
