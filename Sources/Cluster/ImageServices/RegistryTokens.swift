import Core
import Cryptography
import Identity
import ImageModel
import Synchronization

/// What a token of the registry is good for, and whose it is.
struct RegistryGrant: Sendable {
    /// How its owner has proved to be it. Nil for nobody, who may pull what is open to all.
    enum Proof: Sendable {
        case token(Credential)
        /// A password, which was right when the token was made.
        case password(StoredToken)
        case nobody
    }

    var proof: Proof
    /// What it is good for at most. What its owner may is looked at with every request.
    var scope: [RepositoryName: Set<RegistryAction>]
    var catalog: Bool
    var expires: Timestamp
}

/// Tokens that the registry's clients get for a while. They are kept in memory: clients ask for new ones by themselves.
final class RegistryTokens: Sendable {
    static let age = Duration.seconds(300)
    /// The most at a time: of more the oldest end early.
    private static let limit = 10_000
    private static let prefix = "apr_"

    private struct State {
        var grants: [SHA256Digest: RegistryGrant] = [:]
        /// In the order in which they end.
        var order: [SHA256Digest] = []
        var start = 0
    }

    private let state = Mutex(State())

    func issue(_ grant: RegistryGrant, at now: Timestamp) throws -> String {
        let text = Self.prefix + Base64URL.encode(try SecureRandom.bytes(32))
        let hash = SHA256.hash(text)
        state.withLock { state in
            Self.forget(&state, before: now)
            state.grants[hash] = grant
            state.order.append(hash)
        }
        return text
    }

    func find(_ text: String, at now: Timestamp) -> RegistryGrant? {
        guard text.hasPrefix(Self.prefix), text.utf8.count < 100 else { return nil }
        // The table is searched by the hash, whose bits tell nothing of the token's.
        guard let grant = state.withLock({ $0.grants[SHA256.hash(text)] }), now < grant.expires else {
            return nil
        }
        return grant
    }

    private static func forget(_ state: inout State, before now: Timestamp) {
        while state.start < state.order.count {
            let first = state.order[state.start]
            let isOver = state.grants[first].map { $0.expires <= now } ?? true
            guard isOver || state.grants.count >= limit else { break }
            state.grants[first] = nil
            state.start += 1
        }
        if state.start > limit {
            state.order.removeFirst(state.start)
            state.start = 0
        }
    }
}
