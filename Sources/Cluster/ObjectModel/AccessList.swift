/// Who may what with one bucket, or one object, besides those whom the platform lets (Amazon S3, "Access control list overview").
public struct AccessList: Hashable, Sendable, Codable {
    public static let maximumGrants = 100

    public enum Permission: String, Hashable, Sendable, Codable, CaseIterable {
        case read = "READ"
        case write = "WRITE"
        case readList = "READ_ACP"
        case writeList = "WRITE_ACP"
        case full = "FULL_CONTROL"
    }

    public enum Grantee: Hashable, Sendable, Codable {
        /// A principal, as S3 names it.
        case principal(String)
        /// Everybody, also who does not say who asks.
        case everyone
        /// Everybody who has a key.
        case authenticated

        /// Whether `principal`, nil for who does not say, is meant.
        func includes(_ principal: String?) -> Bool {
            switch self {
            case .principal(let name): name == principal
            case .everyone: true
            case .authenticated: principal != nil
            }
        }
    }

    public struct Grant: Hashable, Sendable, Codable {
        public var grantee: Grantee
        public var permission: Permission

        public init(_ grantee: Grantee, _ permission: Permission) {
            self.grantee = grantee
            self.permission = permission
        }
    }

    public var grants: [Grant]

    public init(_ grants: [Grant]) { self.grants = grants }

    /// What a bucket or an object has that was given none.
    public static func onlyOwner(_ owner: String) -> AccessList {
        AccessList([Grant(.principal(owner), .full)])
    }

    /// One of those that have names; nil for one that has none here.
    ///
    /// - Parameter bucketOwner: whose the bucket is that the object is in; of a bucket its own owner.
    public init?(canned name: String, owner: String, bucketOwner: String) {
        let others: [Grant]
        switch name {
        case "private": others = []
        case "public-read": others = [Grant(.everyone, .read)]
        case "public-read-write": others = [Grant(.everyone, .read), Grant(.everyone, .write)]
        case "authenticated-read": others = [Grant(.authenticated, .read)]
        case "bucket-owner-read": others = [Grant(.principal(bucketOwner), .read)]
        case "bucket-owner-full-control": others = [Grant(.principal(bucketOwner), .full)]
        default: return nil
        }
        grants = others.filter { $0.grantee != .principal(owner) } + [Grant(.principal(owner), .full)]
    }

    /// Whether `principal`, nil for who does not say, may do what needs `permission`.
    ///
    /// - Parameter ignoringPublic: whether only grants to single principals count.
    public func allows(_ principal: String?, _ permission: Permission, ignoringPublic: Bool = false) -> Bool {
        grants.contains { grant in
            (grant.permission == permission || grant.permission == .full) && grant.grantee.includes(principal)
                && !(ignoringPublic && grant.isPublic)
        }
    }

    /// Whether it is for more than single principals.
    public var isPublic: Bool { grants.contains(where: \.isPublic) }
}

extension AccessList.Grant {
    /// Whether it is for more than a single principal.
    public var isPublic: Bool { grantee == .everyone || grantee == .authenticated }
}

/// Whose objects are that others than the bucket's owner write (Amazon S3, "Object Ownership").
public enum ObjectOwnership: String, Hashable, Sendable, Codable {
    /// Theirs.
    case writer = "ObjectWriter"
    /// The bucket owner's, where they say so.
    case preferred = "BucketOwnerPreferred"
    /// The bucket owner's, and access lists are neither asked nor set.
    case enforced = "BucketOwnerEnforced"
}

/// What keeps a bucket from being open to everybody, whatever its lists and its policy say.
public struct PublicAccessBlock: Hashable, Sendable, Codable {
    /// No list that is for everybody is taken.
    public var refusesLists: Bool
    /// Those that there are count for nothing.
    public var ignoresLists: Bool
    /// No policy that is for everybody is taken.
    public var refusesPolicies: Bool
    /// The one that there is counts for nothing.
    public var ignoresPolicy: Bool

    public init(refusesLists: Bool, ignoresLists: Bool, refusesPolicies: Bool, ignoresPolicy: Bool) {
        self.refusesLists = refusesLists
        self.ignoresLists = ignoresLists
        self.refusesPolicies = refusesPolicies
        self.ignoresPolicy = ignoresPolicy
    }
}
