public import Core
public import Cryptography
public import Identity

/// Marks the identifiers of grants.
public enum GrantKind {}
public typealias GrantID = Identifier<GrantKind>

/// A person, or a program with an identity of its own.
public struct User: Hashable, Sendable {
    public var principal: Principal
    /// In the PHC format; nil for those who cannot log in by password.
    public var passwordHash: String?
    public var isDisabled: Bool
    public var createdAt: Timestamp
    public var createdBy: String
    /// Counts its changes.
    public var revision: Int64
    /// Of the request that made it.
    public var requestKey: String?

    public init(
        principal: Principal, passwordHash: String? = nil, isDisabled: Bool = false, createdAt: Timestamp,
        createdBy: String, revision: Int64 = 1, requestKey: String? = nil
    ) {
        self.principal = principal
        self.passwordHash = passwordHash
        self.isDisabled = isDisabled
        self.createdAt = createdAt
        self.createdBy = createdBy
        self.revision = revision
        self.requestKey = requestKey
    }

    public var name: String { principal.name }
}

/// A named set of grants.
public struct Role: Hashable, Sendable {
    public var name: RoleName
    public var createdAt: Timestamp
    public var createdBy: String
    public var requestKey: String?

    public init(name: RoleName, createdAt: Timestamp, createdBy: String, requestKey: String? = nil) {
        self.name = name
        self.createdAt = createdAt
        self.createdBy = createdBy
        self.requestKey = requestKey
    }

    public var isBuiltIn: Bool { name == .administrators }
}

/// A grant, and who gave it.
public struct GrantRecord: Hashable, Sendable {
    public var id: GrantID
    public var grant: Grant
    public var createdAt: Timestamp
    public var createdBy: String

    public init(id: GrantID, grant: Grant, createdAt: Timestamp, createdBy: String) {
        self.id = id
        self.grant = grant
        self.createdAt = createdAt
        self.createdBy = createdBy
    }
}

/// A token, without its secret.
public struct TokenRecord: Hashable, Sendable {
    public var id: TokenID
    public var hash: SHA256Digest
    public var principal: Principal
    public var kind: Credential.Kind
    /// What it is for, in its owner's words.
    public var note: String
    public var scope: TokenScope
    public var createdAt: Timestamp
    public var expires: Timestamp?
    public var requestKey: String?

    public init(
        id: TokenID, hash: SHA256Digest, principal: Principal, kind: Credential.Kind, note: String,
        scope: TokenScope, createdAt: Timestamp, expires: Timestamp?, requestKey: String? = nil
    ) {
        self.id = id
        self.hash = hash
        self.principal = principal
        self.kind = kind
        self.note = note
        self.scope = scope
        self.createdAt = createdAt
        self.expires = expires
        self.requestKey = requestKey
    }

    /// What the authenticator is told.
    public var stored: StoredToken {
        StoredToken(hash: hash, id: id, principal: principal, kind: kind, scope: scope, expires: expires)
    }
}

/// What owns things.
public struct Project: Hashable, Sendable {
    public var name: String
    public var createdAt: Timestamp
    public var createdBy: String
    public var requestKey: String?

    public init(name: String, createdAt: Timestamp, createdBy: String, requestKey: String? = nil) {
        self.name = name
        self.createdAt = createdAt
        self.createdBy = createdBy
        self.requestKey = requestKey
    }

    /// The one that is always there.
    public static let standard = "default"
}
