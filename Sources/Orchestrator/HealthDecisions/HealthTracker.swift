public import ClusterModel
public import Core

/// Decides when one attempt is probed, and what the results say of it: a plain value. Results in, news out.
public struct HealthTracker: Sendable {
    /// What is to be told.
    public struct News: Hashable, Sendable {
        public var state: Health.State
        public var reason: String

        public init(state: Health.State, reason: String) {
            self.state = state
            self.reason = reason
        }
    }

    /// How it stands now, told or not.
    public private(set) var news: News
    /// When to probe next; nil when nothing more can come of it.
    public private(set) var nextProbe: MonotonicInstant?

    private let check: HealthCheck
    /// Failures before do not count while nothing has succeeded.
    private let startEnds: MonotonicInstant
    private var failures = 0
    private var probes = 0
    private var told: News
    private var toldAt: MonotonicInstant

    /// The longest wait between probes in the start period, which begins with far shorter ones: what is ready is soon known.
    private static let startPace = Duration.seconds(1)
    private static let firstPace = Duration.milliseconds(50)
    /// What changes the reason alone is told no more often than that.
    private static let tellingPause = Duration.seconds(5)

    /// - Parameter known: what was known of the attempt before: one that was healthy has no start period any more.
    public init(_ check: HealthCheck, known: Health.State = .starting, at now: MonotonicInstant) {
        self.check = check
        let isHealthy = known == .healthy
        news = News(state: isHealthy ? .healthy : .starting, reason: "no probe has succeeded yet")
        told = news
        toldAt = now
        startEnds = isHealthy ? now : now.advanced(by: check.startPeriod.duration)
        nextProbe = now
    }

    /// Takes in the result of a probe that ended at `now`; returns what is to be told, if anything.
    public mutating func take(_ result: ProbeResult, at now: MonotonicInstant) -> News? {
        guard nextProbe != nil else { return nil }
        probes += 1
        if result.isGood {
            failures = 0
            news = News(state: .healthy, reason: result.text)
        } else if news.state == .starting, now < startEnds {
            news.reason = result.text
        } else {
            failures += 1
            news = failed(result.text)
        }
        nextProbe = news.state == .unhealthy ? nil : now.advanced(by: pace(at: now))
        return toTell(at: now)
    }

    /// A probe that ended at `now` found out nothing: it is made again when the next one is due.
    public mutating func skip(at now: MonotonicInstant) {
        guard nextProbe != nil else { return }
        probes += 1
        nextProbe = now.advanced(by: pace(at: now))
    }

    private func failed(_ text: String) -> News {
        guard failures < check.retries else {
            let times = check.retries == 1 ? "" : " (\(failures) times in a row)"
            return News(state: .unhealthy, reason: text + times)
        }
        return News(state: news.state, reason: "\(text) (\(failures) of \(check.retries) times)")
    }

    private func pace(at now: MonotonicInstant) -> Duration {
        guard news.state == .starting, now < startEnds else { return check.interval.duration }
        return min(check.interval.duration, Self.startPace, Self.firstPace * (1 << min(probes - 1, 8)))
    }

    private mutating func toTell(at now: MonotonicInstant) -> News? {
        guard news != told else { return nil }
        guard news.state != told.state || toldAt.advanced(by: Self.tellingPause) <= now else { return nil }
        told = news
        toldAt = now
        return news
    }
}
