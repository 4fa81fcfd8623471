/// The most that a bucket has, or an owner in all buckets together, or the images of a project.
public struct ObjectQuota: Hashable, Sendable {
    /// Whose: a bucket's, an owner's as S3 names one, or that of the images of a project.
    public enum Subject: Hashable, Sendable, CustomStringConvertible {
        case bucket(String)
        case owner(String)
        case images(String)

        public enum Kind: String, Hashable, Sendable { case bucket, owner, images }

        public init(_ kind: Kind, _ name: String) {
            self =
                switch kind {
                case .bucket: .bucket(name)
                case .owner: .owner(name)
                case .images: .images(name)
                }
        }

        public var kind: Kind {
            switch self {
            case .bucket: .bucket
            case .owner: .owner
            case .images: .images
            }
        }

        public var name: String {
            switch self {
            case .bucket(let name), .owner(let name), .images(let name): name
            }
        }

        public var description: String {
            switch self {
            case .bucket(let name): "the bucket '\(name)'"
            case .owner(let name): "'\(name)'"
            case .images(let project): "the images of the project '\(project)'"
            }
        }
    }

    /// Nil for no limit.
    public var bytes: Int64?
    /// Nil for no limit.
    public var objects: Int64?

    public init(bytes: Int64? = nil, objects: Int64? = nil) {
        self.bytes = bytes
        self.objects = objects
    }

    public var isEmpty: Bool { bytes == nil && objects == nil }

    /// What of it is broken by what there is after a change; nil for nothing. What does not grow is never refused: whoever is over a
    /// quota that was set later can remove and make smaller what is there.
    public func exceeded(by usage: ObjectUsage, after change: ObjectUsage) -> Excess? {
        if let bytes, change.bytes > 0, usage.bytes > bytes { return .bytes(bytes) }
        if let objects, change.objects > 0, usage.objects > objects { return .objects(objects) }
        return nil
    }

    /// A limit that would be passed.
    public enum Excess: Hashable, Sendable {
        case bytes(Int64)
        case objects(Int64)
    }
}

/// How much there is, or how much a change makes it more.
public struct ObjectUsage: Hashable, Sendable {
    /// Of objects, older versions and parts of uploads; bytes that copies share count for each.
    public var bytes: Int64
    /// Objects and older versions of them.
    public var objects: Int64

    public init(bytes: Int64 = 0, objects: Int64 = 0) {
        self.bytes = bytes
        self.objects = objects
    }

    public static func + (a: Self, b: Self) -> Self {
        ObjectUsage(bytes: a.bytes + b.bytes, objects: a.objects + b.objects)
    }

    public static prefix func - (a: Self) -> Self { ObjectUsage(bytes: -a.bytes, objects: -a.objects) }
}
