public import Databases
public import ObjectModel

/// How much there is, and may be.
extension ObjectStore {
    /// What there is of a bucket or an owner, and the most that there may be.
    public struct Holding: Hashable, Sendable {
        public var subject: ObjectQuota.Subject
        public var usage: ObjectUsage
        public var quota: ObjectQuota
    }

    public func holding(of subject: ObjectQuota.Subject) async throws -> Holding {
        try await database.read { transaction in
            Holding(
                subject: subject, usage: try UsageRows.usage(of: subject, transaction),
                quota: try UsageRows.quota(of: subject, transaction) ?? ObjectQuota())
        }
    }

    /// All buckets, and all owners who have something or a quota, by kind and name.
    public func holdings() async throws -> [Holding] {
        let buckets = buckets().map { ObjectQuota.Subject.bucket($0.name.text) }
        return try await database.read { transaction in
            let (usages, quotas) = (try UsageRows.usages(transaction), try UsageRows.quotas(transaction))
            return Set(buckets).union(usages.keys).union(quotas.keys.filter { $0.kind != .images })
                .sorted { ($0.kind.rawValue, $0.name) < ($1.kind.rawValue, $1.name) }
                .map {
                    Holding(
                        subject: $0, usage: usages[$0] ?? ObjectUsage(), quota: quotas[$0] ?? ObjectQuota())
                }
        }
    }

    /// Sets the most that there may be, in place of what was set before. What is there already stays.
    public func set(_ quota: ObjectQuota, of subject: ObjectQuota.Subject) async throws {
        try await database.write { transaction in
            if case .bucket(let name) = subject {
                let bucket = try transaction.first(
                    "SELECT name FROM object_buckets WHERE name = ?", [.text(name)])
                guard bucket != nil else { throw StoreError.noBucket }
            }
            try UsageRows.set(quota, of: subject, transaction)
        }
    }

    /// What was set of a subject, in a transaction that reads.
    public static func quota(
        of subject: ObjectQuota.Subject, _ transaction: borrowing Transaction
    ) throws -> ObjectQuota? {
        try UsageRows.quota(of: subject, transaction)
    }

    /// The subjects of a kind that a quota was set of.
    public static func quotas(
        of kind: ObjectQuota.Subject.Kind, _ transaction: borrowing Transaction
    ) throws -> [ObjectQuota.Subject: ObjectQuota] {
        try UsageRows.quotas(transaction).filter { $0.key.kind == kind }
    }

    /// Throws where there is no room for an object, so that whoever is over a quota is told before many bytes come. What counts is
    /// looked at once they are there.
    public func checkQuota(
        _ key: ObjectKey, size: Int64, of owner: String, in bucket: BucketName
    ) async throws {
        guard size > Self.inlineBytes else { return }
        try await database.read { transaction in
            // What it may take the place of makes room.
            let old = try ObjectRows.find(key, in: bucket, transaction)
            try UsageChange.preview(
                ObjectUsage(bytes: size - (old?.size ?? 0), objects: old == nil ? 1 : 0), of: owner,
                in: bucket, transaction)
        }
    }
}
