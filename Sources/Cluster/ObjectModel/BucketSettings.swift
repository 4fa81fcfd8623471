/// What can be set of a bucket: kept as JSON with it. What is not set is nil.
public struct BucketSettings: Hashable, Sendable, Codable {
    /// Grows with every change, so that an older reading never replaces a newer.
    public var revision = 0
    public var versioning: BucketVersioning?
    public var tags: [ObjectTag]?
    public var cors: [CORSRule]?
    /// Nil for that nobody may but whom the platform lets.
    public var access: AccessList?
    public var ownership: ObjectOwnership?
    public var publicAccess: PublicAccessBlock?
    /// How bytes are hidden that come without another word.
    public var encryption: ObjectEncryption?
    public var lifecycle: [LifecycleRule]?
    /// Nil where nothing is locked.
    public var lock: BucketLock?
    /// A policy, as it was given.
    public var policy: String?

    public init() {}

    /// Whether versions are, or once were, kept.
    public var hasVersions: Bool { versioning != nil }
}
