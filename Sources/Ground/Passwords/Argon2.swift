import CArgon2
public import Core

/// Argon2id (RFC 9106) as strings in the PHC format, which say their own parameters: `$argon2id$v=19$m=47104,t=1,p=1$…`.
/// It blocks for as long as it is told to work, and takes the memory it is told to take.
public enum Argon2 {
    /// How hard a guess is made.
    public struct Parameters: Hashable, Sendable {
        public var kibibytes: UInt32
        public var passes: UInt32

        public init(kibibytes: UInt32, passes: UInt32) {
            self.kibibytes = kibibytes
            self.passes = passes
        }

        /// 46 MiB, once over: what OWASP's password storage cheat sheet has as its first choice. 40 ms where it was measured.
        public static let standard = Parameters(kibibytes: 47_104, passes: 1)
    }

    private static let hashLength = 32

    /// The hash of `password` under `salt`, 16 random bytes.
    ///
    /// - Throws: ``ApolloError`` of kind `unavailable` where there is no memory for it.
    public static func hash(
        _ password: [UInt8], salt: [UInt8], _ parameters: Parameters = .standard
    ) throws(ApolloError) -> String {
        var encoded = [CChar](repeating: 0, count: 256)
        let code = argon2id_hash_encoded(
            parameters.passes, parameters.kibibytes, 1, password, password.count, salt, salt.count,
            hashLength,
            &encoded, encoded.count)
        guard code == ARGON2_OK.rawValue else { throw failure(code) }
        return encoded.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
    }

    /// Whether `password` is the one that `encoded` was made of; compared in constant time.
    ///
    /// - Throws: ``ApolloError``: `corrupt` where `encoded` is not readable, `unavailable` where there is no memory.
    public static func verify(_ password: [UInt8], _ encoded: String) throws(ApolloError) -> Bool {
        let code = argon2id_verify(encoded, password, password.count)
        switch code {
        case ARGON2_OK.rawValue: return true
        case ARGON2_VERIFY_MISMATCH.rawValue: return false
        default: throw failure(code)
        }
    }

    /// The parameters that `encoded` was made with; nil where it is not readable.
    public static func parameters(of encoded: String) -> Parameters? {
        let parts = encoded.split(separator: "$")
        guard parts.count == 5, parts[0] == "argon2id" else { return nil }
        var found: [Substring: UInt32] = [:]
        for pair in parts[2].split(separator: ",") {
            let sides = pair.split(separator: "=")
            guard sides.count == 2, let number = UInt32(sides[1]) else { return nil }
            found[sides[0]] = number
        }
        guard let kibibytes = found["m"], let passes = found["t"] else { return nil }
        return Parameters(kibibytes: kibibytes, passes: passes)
    }

    private static func failure(_ code: Int32) -> ApolloError {
        let reason = String(cString: argon2_error_message(code))
        if code == ARGON2_MEMORY_ALLOCATION_ERROR.rawValue {
            return ApolloError(
                .unavailable, "there is no memory to check a password: \(reason)", hint: "try again later")
        }
        return ApolloError(.corrupt, "a stored password cannot be read: \(reason)", hint: "set it again")
    }
}
