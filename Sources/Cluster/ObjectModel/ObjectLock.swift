public import Core

/// What keeps versions of objects from being removed (Amazon S3, "Object Lock").
public struct ObjectLock: Hashable, Sendable, Codable {
    public enum Mode: String, Hashable, Sendable, Codable {
        /// Whoever may bypass it, may.
        case governance = "GOVERNANCE"
        /// Nobody may.
        case compliance = "COMPLIANCE"
    }

    /// Until when a version stays.
    public struct Retention: Hashable, Sendable, Codable {
        public var mode: Mode
        public var until: Timestamp

        public init(_ mode: Mode, until: Timestamp) {
            self.mode = mode
            self.until = until
        }
    }

    public var retention: Retention?
    /// Whether it stays until this is taken back.
    public var isHeld: Bool

    public init(retention: Retention? = nil, isHeld: Bool = false) {
        self.retention = retention
        self.isHeld = isHeld
    }

    public var isEmpty: Bool { retention == nil && !isHeld }

    /// Whether the version may be removed at `now`.
    ///
    /// - Parameter bypasses: whether who asks may bypass governance, and says so.
    public func allowsRemoval(at now: Timestamp, bypasses: Bool) -> Bool {
        guard !isHeld else { return false }
        guard let retention, retention.until > now else { return true }
        return retention.mode == .governance && bypasses
    }

    /// Whether `other` may come in the place of the retention: it may always be made longer.
    public func allows(_ other: Retention?, at now: Timestamp, bypasses: Bool) -> Bool {
        guard let retention, retention.until > now else { return true }
        if let other, other.until >= retention.until, other.mode == retention.mode { return true }
        return retention.mode == .governance && bypasses
    }
}

/// What a bucket keeps of what comes into it, where nothing else is said.
public struct LockRule: Hashable, Sendable, Codable {
    public enum Period: Hashable, Sendable, Codable {
        case days(Int)
        case years(Int)
    }

    public var mode: ObjectLock.Mode
    public var period: Period

    public init(_ mode: ObjectLock.Mode, _ period: Period) {
        self.mode = mode
        self.period = period
    }

    /// Of what comes at `now`.
    public func retention(at now: Timestamp) -> ObjectLock.Retention {
        let days =
            switch period {
            case .days(let days): days
            case .years(let years): years * 365
            }
        return ObjectLock.Retention(mode, until: now.advanced(by: .seconds(Int64(days) * 86_400)))
    }
}

/// Of a bucket that locks: that it does, and its rule.
public struct BucketLock: Hashable, Sendable, Codable {
    public var rule: LockRule?

    public init(rule: LockRule? = nil) { self.rule = rule }
}
