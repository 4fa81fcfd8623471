import Core
public import Identity
import IdentityDecisions
import IdentityStorage
import Passwords

extension Accounts {
    /// The hash of a password that follows the rules, to be stored.
    public func hash(_ password: String) async throws -> String { try await hasher.hash(password) }

    /// Makes a token for `owner`, whose secret is only in what is returned.
    public func createToken(
        for owner: Principal, note: String, scope: TokenScope, age: Duration, key: String?,
        by credential: Credential
    ) async throws -> Issued {
        let issued = try issue(
            to: owner, .personal, note: note, scope: scope,
            expires: environment.wallClock.now.advanced(by: age), key: key)
        return try await perform { (issued, try $0.createToken(issued.record, by: credential)) }
    }

    /// How long a token is kept after its end: a clock that was ahead for a while, and is set right, takes nobody's.
    public static let tokenGrace = Duration.seconds(86400)

    /// Forgets tokens and sessions that ended more than ``tokenGrace`` ago, at most `limit` of them. Returns how many.
    public func forgetTokens(limit: Int) async throws -> Int {
        let time = environment.wallClock.now.advanced(by: .zero - Self.tokenGrace)
        let ids = try await store.tokens(expiredBefore: time, limit: limit)
        guard !ids.isEmpty else { return 0 }
        return try await perform { core in
            let changes = core.forgetTokens(ids, expiredBefore: time)
            return (changes.count, changes)
        }
    }

    /// Ends what `credential` was proved with. The machine's file stays.
    public func logOut(_ credential: Credential) async throws {
        guard let token = credential.token else {
            throw ApolloError(
                .conflict, "the token of the machine's administrator cannot be revoked",
                hint: "remove the file admin.token and start the platform again for a new one")
        }
        try await change { try $0.revokeToken(token, by: credential) }
    }
}
