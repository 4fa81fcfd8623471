public import Core

/// When objects of a bucket go by themselves.
public struct LifecycleRule: Hashable, Sendable, Codable {
    public static let maximum = 1000

    public var id: String
    public var isEnabled: Bool
    /// What it is about: keys that begin so, with all of these tags, larger and smaller than so many bytes.
    public var prefix = ""
    public var tags: [ObjectTag] = []
    public var largerThan: Int64?
    public var smallerThan: Int64?
    /// Whether the prefix was given as clients once did, outside of a filter; so it is given back.
    public var hasOldForm = false
    /// So many days after it was stored, or on this day, the newest version goes.
    public var days: Int?
    public var date: Timestamp?
    /// Whether what says that an object was removed goes when it is all that there is of it.
    public var removesLoneMarkers = false
    /// So many days after it was replaced a version goes, unless it is one of the newest so many of these.
    public var noncurrentDays: Int?
    public var newerVersions: Int?
    /// So many days after it was begun an upload in parts goes.
    public var abortDays: Int?

    public init(id: String, isEnabled: Bool = true) {
        self.id = id
        self.isEnabled = isEnabled
    }

    /// Whether it is about an object. What says that one was removed has no size and no tags.
    func covers(_ record: ObjectRecord) -> Bool {
        guard isEnabled, record.key.hasPrefix(prefix) else { return false }
        let own = record.attributes.tags ?? []
        guard tags.allSatisfy({ own.contains($0) }) else { return false }
        if let largerThan, record.size <= largerThan { return false }
        if let smallerThan, record.size >= smallerThan { return false }
        return true
    }
}

/// What rules make of the versions of one object. A plain value: the time comes in.
public struct LifecycleDecisions: Sendable {
    public enum Removal: Hashable, Sendable {
        /// The newest goes: where versions are kept, as if somebody had removed it.
        case newest(ObjectRecord)
        /// One goes for good.
        case version(ObjectRecord)
    }

    /// A day of real time; rules are tried out with shorter ones.
    public static let day = Duration.seconds(86_400)

    private let rules: [LifecycleRule]
    private let day: Duration

    public init(_ rules: [LifecycleRule], day: Duration = Self.day) {
        self.rules = rules
        self.day = day
    }

    /// When `days` after `time` are over: of real days at the midnight that follows (UTC), as Amazon counts them.
    private func end(of days: Int, after time: Timestamp) -> Timestamp {
        let end = Timestamp(microseconds: time.microseconds + day.inMicroseconds * Int64(days))
        guard day == Self.day else { return end }
        let length = day.inMicroseconds
        return Timestamp(microseconds: (end.microseconds + length - 1) / length * length)
    }

    /// When the newest version of an object goes, and by which rule; nil for never.
    public func expiry(of record: ObjectRecord) -> (time: Timestamp, rule: String)? {
        rules.filter { ($0.days != nil || $0.date != nil) && $0.covers(record) }
            .map { rule in (rule.days.map { end(of: $0, after: record.modified) } ?? rule.date!, rule.id) }
            .min { $0.0 < $1.0 }
    }

    /// What of an object goes at `now`.
    ///
    /// - Parameter versions: all of them, the newest first.
    public func removals(of versions: [ObjectRecord], at now: Timestamp) -> [Removal] {
        guard let newest = versions.first else { return [] }
        var removals: [Removal] = []
        if newest.isMarker {
            if versions.count == 1, isLoneMarkerOver(newest, at: now) { removals.append(.version(newest)) }
        } else if let expiry = expiry(of: newest), expiry.time <= now {
            removals.append(.newest(newest))
        }
        for (index, record) in versions.enumerated().dropFirst() {
            // It was replaced when the one before it came.
            let since = versions[index - 1].modified
            let isOver = rules.contains { rule in
                guard let days = rule.noncurrentDays, rule.covers(record),
                    index - 1 >= rule.newerVersions ?? 0
                else {
                    return false
                }
                return end(of: days, after: since) <= now
            }
            if isOver { removals.append(.version(record)) }
        }
        return removals
    }

    private func isLoneMarkerOver(_ marker: ObjectRecord, at now: Timestamp) -> Bool {
        rules.contains { rule in
            guard rule.covers(marker) else { return false }
            if rule.removesLoneMarkers { return true }
            return rule.days.map { end(of: $0, after: marker.modified) <= now } ?? false
        }
    }

    /// Whether an upload in parts goes at `now`.
    public func gives(up upload: UploadRecord, at now: Timestamp) -> Bool {
        rules.contains { rule in
            guard rule.isEnabled, let days = rule.abortDays, upload.key.hasPrefix(rule.prefix) else {
                return false
            }
            return end(of: days, after: upload.createdAt) <= now
        }
    }
}
