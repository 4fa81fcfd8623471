import Concurrency
public import Core
import Synchronization

/// Slows down who guesses: each address may fail so often, and is then told to wait.
public final class JoinLimiter: Sendable {
    private static let failures: Int64 = 10
    private static let interval = Duration.seconds(6)
    private static let limit = 4096

    private let clock: any MonotonicClock
    private let buckets = Mutex<[String: TokenBucket]>([:])

    public init(clock: any MonotonicClock) { self.clock = clock }

    /// Runs `body`; what it refuses as unauthenticated counts against `peer`.
    public func limit<Value: Sendable>(_ peer: String, _ body: () async throws -> Value) async throws -> Value
    {
        let host = peer.lastIndex(of: ":").map { String(peer[..<$0]) } ?? peer
        let now = clock.now
        let wait = buckets.withLock { $0[host]?.wait(now: now) ?? .zero }
        guard wait == .zero else {
            throw ApolloError(
                .exhausted, "too many failed tries to join from \(host)",
                hint: "wait \(Int(wait.inSeconds.rounded(.up))) s; 'apollo node token create' makes a token")
        }
        do {
            return try await body()
        } catch let error as ApolloError where error.kind == .unauthenticated || error.kind == .invalid {
            buckets.withLock { buckets in
                // Whoever has so many addresses is not held up by this; the tokens' 256 bits are what he has to guess.
                if buckets.count >= Self.limit { buckets = [:] }
                var bucket =
                    buckets[host] ?? TokenBucket(capacity: Self.failures, interval: Self.interval, now: now)
                _ = bucket.take(now: now)
                buckets[host] = bucket
            }
            throw error
        }
    }
}
