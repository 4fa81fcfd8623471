public import Core
public import Cryptography

/// What is kept of a token.
public struct StoredToken: Hashable, Sendable {
    public var hash: SHA256Digest
    public var id: TokenID?
    public var principal: Principal
    public var kind: Credential.Kind
    public var scope: TokenScope
    /// From when on it is worth nothing; nil for never.
    public var expires: Timestamp?

    public init(
        hash: SHA256Digest, id: TokenID? = nil, principal: Principal, kind: Credential.Kind = .file,
        scope: TokenScope = .everything, expires: Timestamp? = nil
    ) {
        self.hash = hash
        self.id = id
        self.principal = principal
        self.kind = kind
        self.scope = scope
        self.expires = expires
    }
}

/// Tells who sends a request.
public struct TokenAuthenticator: Sendable {
    private var tokens: [SHA256Digest: StoredToken] = [:]
    private var disabled: Set<Principal> = []
    /// When browsers were last heard of.
    private var lastUsed: [SHA256Digest: Timestamp] = [:]
    /// How long a browser may be silent.
    public var sessionIdle: Duration = .seconds(3600)

    public init(_ tokens: some Sequence<StoredToken> = []) {
        for token in tokens { add(token) }
    }

    public mutating func add(_ token: StoredToken) { tokens[token.hash] = token }

    /// From now on the token with this hash is unknown; false if it was already.
    @discardableResult
    public mutating func revoke(_ hash: SHA256Digest) -> Bool {
        lastUsed[hash] = nil
        return tokens.removeValue(forKey: hash) != nil
    }

    /// Whether tokens of `principal` are worth anything.
    public mutating func setDisabled(_ principal: Principal, _ isDisabled: Bool) {
        if isDisabled { disabled.insert(principal) } else { disabled.remove(principal) }
    }

    /// The credential of the token in `authorization`, the value of the request's `Authorization` field (RFC 6750,
    /// section 2.1), at the time `now`.
    ///
    /// - Throws: ``ApolloError`` of kind `unauthenticated`. It never repeats what was sent.
    public func authenticate(authorization: String?, at now: Timestamp) throws(ApolloError) -> Credential {
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
        guard let stored = find(token.hash), stored.kind != .session else {
            throw ApolloError(
                .unauthenticated, "the token is not known",
                hint: "it may have been revoked, or belong to another platform")
        }
        try check(stored, at: now)
        return Credential(stored)
    }

    /// The credential of a browser whose cookie holds `secret`.
    ///
    /// - Throws: ``ApolloError`` of kind `unauthenticated`.
    public mutating func authenticate(session secret: BearerToken, at now: Timestamp) throws(ApolloError)
        -> Credential
    {
        let hash = secret.hash
        guard let stored = find(hash), stored.kind == .session else {
            throw ApolloError(
                .unauthenticated, "the browser's session is over", hint: "log in again")
        }
        try check(stored, at: now)
        if let last = lastUsed[hash], last.duration(to: now) > sessionIdle {
            throw ApolloError(
                .unauthenticated, "the browser's session was idle for longer than \(sessionIdle.short)",
                hint: "log in again")
        }
        // Set back, a clock must not shorten what is left.
        lastUsed[hash] = max(now, lastUsed[hash] ?? now)
        return Credential(stored)
    }

    /// Whether what `credential` was made of is still worth something: for streams, which outlive the moment of asking.
    public func isValid(_ credential: Credential, at now: Timestamp) -> Bool {
        guard let stored = tokens[credential.hash], !disabled.contains(stored.principal) else { return false }
        return stored.expires.map { now < $0 } ?? true
    }

    // The table is searched by the hash, whose bits tell nothing of the token's; the comparison after it takes the same
    // time for any.
    private func find(_ hash: SHA256Digest) -> StoredToken? {
        guard let stored = tokens[hash], stored.hash.isEqualInConstantTime(to: hash) else { return nil }
        return stored
    }

    /// - Throws: ``ApolloError`` of kind `unauthenticated` where it is over, or its principal is kept out.
    func check(_ stored: StoredToken, at now: Timestamp) throws(ApolloError) {
        if let expires = stored.expires, now >= expires {
            throw ApolloError(
                .unauthenticated, "the token expired at \(expires)",
                hint: "log in again, or ask for a new one")
        }
        try checkEnabled(stored.principal)
    }

    /// - Throws: ``ApolloError`` of kind `unauthenticated` where `principal` is kept out.
    func checkEnabled(_ principal: Principal) throws(ApolloError) {
        guard disabled.contains(principal) else { return }
        throw ApolloError(
            .unauthenticated, "\(principal) is disabled", hint: "ask an administrator to enable it")
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
