import Concurrency
public import Core
import Cryptography

/// Hashes and checks passwords, two at a time, on threads of its own: whoever guesses makes others wait, and never takes more
/// memory than that.
public final class PasswordHasher: Sendable {
    private let pool = BlockingPool(name: "passwords", threads: 2, queueLimit: 32)
    private let parameters: Argon2.Parameters
    /// What is checked where there is no such user, so that it takes as long.
    private let decoy: String

    /// - Throws: ``ApolloError`` where the system has no random bytes or no memory.
    public init(_ parameters: Argon2.Parameters = .standard) throws(ApolloError) {
        self.parameters = parameters
        do {
            // Its hash matches nothing: what matters is what it costs to find that out.
            let hash = Base64URL.encode(try SecureRandom.bytes(32)).replacing("-", with: "+").replacing(
                "_", with: "/")
            let salt = Base64URL.encode(try SecureRandom.bytes(16)).replacing("-", with: "+").replacing(
                "_", with: "/")
            decoy = "$argon2id$v=19$m=\(parameters.kibibytes),t=\(parameters.passes),p=1$\(salt)$\(hash)"
        } catch {
            throw error.asApolloError
        }
    }

    deinit { pool.stop() }

    public func hash(_ password: String) async throws -> String {
        let salt = try SecureRandom.bytes(16)
        return try await pool.run("hash a password") { [parameters] in
            try Argon2.hash(Array(password.utf8), salt: salt, parameters)
        }
    }

    /// Whether `password` is the one of `encoded`; never for nil, which takes as long.
    public func verify(_ password: String, _ encoded: String?) async throws -> Bool {
        try await pool.run("check a password") { [decoy] in
            let isRight = try Argon2.verify(Array(password.utf8), encoded ?? decoy)
            return isRight && encoded != nil
        }
    }

    /// Whether a password that was just given should be hashed anew, since more is asked of hashes today.
    public func isOutdated(_ encoded: String) -> Bool {
        guard let used = Argon2.parameters(of: encoded) else { return true }
        return used.kibibytes < parameters.kibibytes || used.passes < parameters.passes
    }
}
