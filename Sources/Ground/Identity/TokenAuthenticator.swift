public import Core
public import Cryptography

/// What is kept of a token.
public struct StoredToken: Hashable, Sendable {
    public var hash: SHA256Digest
    public var principal: Principal
    /// From when on it is worth nothing; nil for never.
    public var expires: Timestamp?

    public init(hash: SHA256Digest, principal: Principal, expires: Timestamp? = nil) {
        self.hash = hash
        self.principal = principal
        self.expires = expires
    }
}

/// Tells who sends a request.
public struct TokenAuthenticator: Sendable {
    private var tokens: [SHA256Digest: StoredToken] = [:]

    public init(_ tokens: some Sequence<StoredToken> = []) {
        for token in tokens { add(token) }
    }

    public mutating func add(_ token: StoredToken) { tokens[token.hash] = token }

    /// From now on the token with this hash is unknown; false if it was already.
    @discardableResult
    public mutating func revoke(_ hash: SHA256Digest) -> Bool { tokens.removeValue(forKey: hash) != nil }

    /// The principal of the token in `authorization`, the value of the request's `Authorization` field (RFC 6750,
    /// section 2.1), at the time `now`.
    ///
    /// - Throws: ``ApolloError`` of kind `unauthenticated`. It never repeats what was sent.
    public func authenticate(authorization: String?, at now: Timestamp) throws(ApolloError) -> Principal {
        guard let authorization else {
            throw ApolloError(
                .unauthenticated, "the request carries no token",
                hint: "send it as 'Authorization: Bearer TOKEN'")
        }
        guard let token = Self.token(in: authorization) else {
            throw ApolloError(
                .unauthenticated, "the Authorization field holds no token of Apollo",
                hint: "send it as 'Authorization: Bearer TOKEN'; a token begins with '\(BearerToken.prefix)'")
        }
        let hash = token.hash
        // The table is searched by the hash, whose bits tell nothing of the token's; the comparison after it takes the
        // same time for any.
        guard let stored = tokens[hash], stored.hash.isEqualInConstantTime(to: hash) else {
            throw ApolloError(
                .unauthenticated, "the token is not known",
                hint: "it may have been revoked, or belong to another platform")
        }
        if let expires = stored.expires, now >= expires {
            throw ApolloError(.unauthenticated, "the token expired at \(expires)", hint: "ask for a new one")
        }
        return stored.principal
    }

    private static func token(in authorization: String) -> BearerToken? {
        let scheme = "bearer "
        // Long enough for any of ours, with some blanks; longer ones are not looked at.
        guard authorization.utf8.count <= 256,
            String(decoding: authorization.utf8.prefix(scheme.utf8.count), as: UTF8.self).lowercased()
                == scheme
        else { return nil }
        let rest = authorization.utf8.dropFirst(scheme.utf8.count).drop { $0 == UInt8(ascii: " ") }
        return BearerToken(parsing: String(decoding: rest, as: UTF8.self))
    }
}
