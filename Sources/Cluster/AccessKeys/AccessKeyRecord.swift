public import Core
import Cryptography
public import Identity

/// A key of the object store, without its secret.
public struct AccessKeyRecord: Hashable, Sendable {
    /// What S3 calls the access key id.
    public var id: String
    public var principal: Principal
    /// Where buckets that are made with it belong.
    public var project: String
    /// What it is for, in its owner's words.
    public var note: String
    public var scope: TokenScope
    public var createdAt: Timestamp
    /// From when on it is worth nothing; nil for never.
    public var expires: Timestamp?
    /// The program's token that it was made with, and ends with; nil for none.
    public var token: TokenID?

    public init(
        id: String, principal: Principal, project: String, note: String, scope: TokenScope,
        createdAt: Timestamp, expires: Timestamp?, token: TokenID?
    ) {
        self.id = id
        self.principal = principal
        self.project = project
        self.note = note
        self.scope = scope
        self.createdAt = createdAt
        self.expires = expires
        self.token = token
    }
}

extension AccessKeyRecord {
    /// What a verified signature is worth.
    public var stored: StoredToken {
        StoredToken(
            hash: SHA256.hash(id), principal: principal, kind: .personal, scope: scope, expires: expires)
    }
}
