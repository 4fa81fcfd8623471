/// What can be set of a bucket: kept as JSON with it. What is not set is nil.
public struct BucketSettings: Hashable, Sendable, Codable {
    /// Grows with every change, so that an older reading never replaces a newer.
    public var revision = 0
    public var versioning: BucketVersioning?
    public var tags: [ObjectTag]?
    public var cors: [CORSRule]?

    public init() {}

    /// Whether versions are, or once were, kept.
    public var hasVersions: Bool { versioning != nil }
}
