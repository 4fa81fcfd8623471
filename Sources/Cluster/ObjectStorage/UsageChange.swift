import Databases
import ObjectModel

/// What one transaction makes more and less, by bucket and owner. It is settled at its end: then the counters are what the rows are,
/// or neither changes.
struct UsageChange {
    private struct Holder: Hashable, Comparable {
        var bucket: String
        var owner: String

        static func < (a: Self, b: Self) -> Bool { (a.bucket, a.owner) < (b.bucket, b.owner) }
    }

    private var changes: [Holder: ObjectUsage] = [:]

    mutating func add(_ usage: ObjectUsage, of owner: String, in bucket: String) {
        let holder = Holder(bucket: bucket, owner: owner)
        changes[holder] = (changes[holder] ?? ObjectUsage()) + usage
    }

    /// A version that there is from now on. What says that an object was removed is none.
    mutating func add(_ record: ObjectRecord, in bucket: BucketName) {
        guard !record.isMarker else { return }
        add(ObjectUsage(bytes: record.size, objects: 1), of: record.owner, in: bucket.text)
    }

    mutating func remove(_ record: ObjectRecord, in bucket: BucketName) {
        guard !record.isMarker else { return }
        add(-ObjectUsage(bytes: record.size, objects: 1), of: record.owner, in: bucket.text)
    }

    /// Brings the counters up to date, and holds them against the quotas.
    ///
    /// - Throws: ``StoreError/quota`` where there would be more than there may be.
    func settle(_ transaction: borrowing Transaction) throws {
        var grown: [ObjectQuota.Subject: ObjectUsage] = [:]
        for (holder, change) in changes.sorted(by: { $0.key < $1.key }) where change != ObjectUsage() {
            try UsageRows.add(change, holder.bucket, holder.owner, transaction)
            for subject in [ObjectQuota.Subject.bucket(holder.bucket), .owner(holder.owner)] {
                grown[subject] = (grown[subject] ?? ObjectUsage()) + change
            }
        }
        for (subject, change) in grown where change.bytes > 0 || change.objects > 0 {
            try Self.check(subject, change, counted: true, transaction)
        }
    }

    /// - Parameter counted: whether the counters have `change` already.
    private static func check(
        _ subject: ObjectQuota.Subject, _ change: ObjectUsage, counted: Bool,
        _ transaction: borrowing Transaction
    ) throws {
        guard let quota = try UsageRows.quota(of: subject, transaction) else { return }
        var usage = try UsageRows.usage(of: subject, transaction)
        if !counted { usage = usage + change }
        if let excess = quota.exceeded(by: usage, after: change) { throw StoreError.quota(subject, excess) }
    }

    /// Whether there is room for `change`, before it is made.
    static func preview(
        _ change: ObjectUsage, of owner: String, in bucket: BucketName, _ transaction: borrowing Transaction
    ) throws {
        for subject in [ObjectQuota.Subject.bucket(bucket.text), .owner(owner)] {
            try check(subject, change, counted: false, transaction)
        }
    }
}
