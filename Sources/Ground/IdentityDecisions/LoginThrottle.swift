public import Core

/// Decides who has to wait before a password is tried again: by account and by peer, twice as long after each failure.
///
/// A try counts as failed until it has succeeded, so that many at once gain nothing. What it keeps is bounded: of too many
/// accounts and peers, those that failed longest ago are forgotten.
public struct LoginThrottle: Sendable {
    public struct Rule: Hashable, Sendable {
        /// Failures that cost nothing.
        public var free: Int
        /// The longest wait.
        public var longest: Duration

        public init(free: Int, longest: Duration) {
            self.free = free
            self.longest = longest
        }
    }

    private enum Key: Hashable {
        case account(String)
        case peer(String)
    }

    private struct Entry {
        var failures: Int
        var last: MonotonicInstant
    }

    private var entries: [Key: Entry] = [:]
    private let account: Rule
    private let peer: Rule
    private let limit: Int
    /// Failures this long ago are forgotten.
    private static let memory = Duration.seconds(900)

    /// An account waits a minute at most: whoever guesses must not lock its owner out.
    public init(
        account: Rule = Rule(free: 5, longest: .seconds(60)),
        peer: Rule = Rule(free: 20, longest: .seconds(300)),
        limit: Int = 20_000
    ) {
        self.account = account
        self.peer = peer
        self.limit = limit
    }

    /// Begins a try. Returns how long to wait where it is too early, and then counts nothing.
    public mutating func begin(account name: String, peer address: String, at now: MonotonicInstant)
        -> Duration?
    {
        let wait = max(wait(.account(name), account, now), wait(.peer(address), peer, now))
        guard wait == .zero else { return wait }
        fail(.account(name), now)
        fail(.peer(address), now)
        return nil
    }

    /// Ends a try that was right: the account is free of what was guessed before, the peer only of this try.
    public mutating func succeed(account name: String, peer address: String) {
        entries[.account(name)] = nil
        guard let entry = entries[.peer(address)] else { return }
        entries[.peer(address)] =
            entry.failures > 1 ? Entry(failures: entry.failures - 1, last: entry.last) : nil
    }

    private func wait(_ key: Key, _ rule: Rule, _ now: MonotonicInstant) -> Duration {
        guard let entry = entries[key], entry.last.duration(to: now) < Self.memory,
            entry.failures >= rule.free
        else { return .zero }
        let doublings = min(entry.failures - rule.free, 20)
        let delay = min(rule.longest, .seconds(1 << doublings))
        return max(.zero, now.duration(to: entry.last.advanced(by: delay)))
    }

    private mutating func fail(_ key: Key, _ now: MonotonicInstant) {
        var entry = entries[key] ?? Entry(failures: 0, last: now)
        if entry.last.duration(to: now) >= Self.memory { entry.failures = 0 }
        entry.failures += 1
        entry.last = now
        if entries[key] == nil, entries.count >= limit { forget(now) }
        entries[key] = entry
    }

    /// Makes room for a tenth.
    private mutating func forget(_ now: MonotonicInstant) {
        entries = entries.filter { $0.value.last.duration(to: now) < Self.memory }
        guard entries.count >= limit else { return }
        let oldest = entries.sorted { $0.value.last < $1.value.last }.prefix(max(1, limit / 10))
        for (key, _) in oldest { entries[key] = nil }
    }
}
