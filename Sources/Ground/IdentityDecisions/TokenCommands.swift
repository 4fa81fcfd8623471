public import Core
public import Identity

extension DirectoryCore {
    /// Makes a token. It is worth at most what it is made with, and its principal; one that programs have makes none that
    /// outlives it.
    public func createToken(
        _ token: TokenRecord, by credential: Credential
    ) throws(DirectoryRefusal) -> [DirectoryChange] {
        let now = token.createdAt
        if token.principal != credential.principal {
            try requirePower(over: token.principal, by: credential)
            guard let user = users[token.principal.name], user.principal == token.principal else {
                throw .notFound("user '\(token.principal.name)'")
            }
        }
        guard credential.scope.permission >= .write else {
            throw .denied(
                "this token is not good for '\(Permission.write.rawValue)'",
                hint: "use a token with a wider scope, or log in")
        }
        guard credential.scope.contains(token.scope) else {
            throw .denied(
                "the new token would be good for more than the one it is made with",
                hint: "name a permission and resources within those of your own token, or log in")
        }
        if let expires = token.expires {
            guard expires > now else { throw .invalid(field: "expires", "must be in the future") }
        }
        let latest = now.advanced(by: limits.tokenAge)
        guard let expires = token.expires, expires <= latest else {
            throw .invalid(field: "expires", "must be at most \(limits.tokenAge.short) away")
        }
        if credential.kind == .personal, let own = credential.expires, expires > own {
            throw .denied(
                "the new token would outlive the one it is made with, which expires at \(own)",
                hint: "give it a shorter life, or log in and make it then")
        }
        let held = tokens(of: token.principal)
        if let key = token.requestKey, held.contains(where: { $0.requestKey == key }) {
            throw .conflict(
                "an earlier request with this key has made the token, and its secret was shown then",
                hint: "revoke it and make another with a new key")
        }
        return try open(token, among: held)
    }

    /// What a password, or the machine's file, was given for: a token of kind `login` or `session`.
    public func open(_ token: TokenRecord) throws(DirectoryRefusal) -> [DirectoryChange] {
        if token.principal != .localAdministrator {
            guard let user = users[token.principal.name], user.principal == token.principal, !user.isDisabled
            else {
                throw .notFound("user '\(token.principal.name)'")
            }
        }
        return try open(token, among: tokens(of: token.principal))
    }

    /// Ones that are over make room where there is none: no sooner, since the clock may be ahead for a while.
    private func open(
        _ token: TokenRecord, among held: [TokenRecord]
    ) throws(DirectoryRefusal) -> [DirectoryChange] {
        let over = held.filter { $0.expires.map { $0 <= token.createdAt } ?? false }
        guard held.count - over.count < limits.tokensOfOne else {
            throw .full("\(token.principal) has \(limits.tokensOfOne) tokens already")
        }
        let removed = held.count < limits.tokensOfOne ? [] : over
        return removed.map { .removeToken($0) } + [.putToken(token)]
    }

    /// Forgets those of `ids` that have expired before `time`.
    public func forgetTokens(_ ids: [TokenID], expiredBefore time: Timestamp) -> [DirectoryChange] {
        ids.compactMap { tokens[$0] }.filter { $0.expires.map { $0 < time } ?? false }.map {
            .removeToken($0)
        }
    }

    /// Ends a token: one's own, or, with power over its owner, another's. A token that is limited ends only itself.
    public func revokeToken(_ id: TokenID, by credential: Credential) throws(DirectoryRefusal)
        -> [DirectoryChange]
    {
        if let own = tokens[id], own.id == credential.token { return [.removeToken(own)] }
        let mayOwn = !credential.scope.isLimited
        guard let token = tokens[id],
            token.principal == credential.principal || level(credential, on: Self.people) == .manage
        else { throw .notFound("token \(id)") }
        if token.principal == credential.principal {
            guard mayOwn else {
                throw .denied("a token of limited scope ends only itself", hint: "log in")
            }
        } else {
            try requirePower(over: token.principal, by: credential)
        }
        return [.removeToken(token)]
    }
}
