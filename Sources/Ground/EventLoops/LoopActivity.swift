import Synchronization

/// How a loop spends its time: two stores a turn.
final class LoopActivity: Sendable {
    private let turns = Atomic<UInt64>(0)
    /// When the turn began, in nanoseconds of the monotonic clock; 0 while the loop waits.
    private let turnStart = Atomic<Int64>(0)
    /// The longest turn of this minute and of the one before.
    private let longest = Atomic<Int64>(0)
    private let longestBefore = Atomic<Int64>(0)
    private let minute = Atomic<Int64>(0)

    private static let nanosecondsPerMinute: Int64 = 60_000_000_000

    func begin(_ turn: UInt64, at now: Int64) {
        turns.store(turn, ordering: .relaxed)
        turnStart.store(now, ordering: .relaxed)
    }

    func end(at now: Int64) {
        let length = now - turnStart.load(ordering: .relaxed)
        turnStart.store(0, ordering: .relaxed)
        let minute = now / Self.nanosecondsPerMinute
        let last = self.minute.load(ordering: .relaxed)
        if minute != last {
            let isNext = minute == last + 1
            longestBefore.store(isNext ? longest.load(ordering: .relaxed) : 0, ordering: .relaxed)
            longest.store(0, ordering: .relaxed)
            self.minute.store(minute, ordering: .relaxed)
        }
        if length > longest.load(ordering: .relaxed) { longest.store(length, ordering: .relaxed) }
    }

    /// Turns so far, since when the current one runs (0 while the loop waits), and the longest of the last one to two minutes.
    func look(at now: Int64) -> (turns: UInt64, turnStart: Int64, longest: Int64) {
        let age = now / Self.nanosecondsPerMinute - minute.load(ordering: .relaxed)
        let (current, before) = (longest.load(ordering: .relaxed), longestBefore.load(ordering: .relaxed))
        let longest = age == 0 ? max(current, before) : age == 1 ? current : 0
        return (turns.load(ordering: .relaxed), turnStart.load(ordering: .relaxed), longest)
    }
}
