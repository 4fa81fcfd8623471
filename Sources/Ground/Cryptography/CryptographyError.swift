import CCrypto
public import Core

/// Why a cryptographic call failed.
public enum CryptographyError: Error, Hashable, Sendable {
    /// A key, nonce or text of the wrong length, or not of its alphabet.
    case malformed(String)
    /// What was sealed has been changed, or was sealed under another key.
    case notAuthentic
    /// libcrypto refused: out of memory, or no entropy.
    case failed(String)

    /// The same as everyone's error.
    public var asApolloError: ApolloError {
        switch self {
        case .malformed(let what): ApolloError(.invalid, what)
        case .notAuthentic:
            ApolloError(
                .corrupt, "the sealed data cannot be opened: it was changed, or sealed with another key",
                hint: "check that the key is the one it was sealed with")
        case .failed(let what): ApolloError(.internal, what)
        }
    }

    /// The failure of `call`, with libcrypto's reason.
    static func library(_ call: String) -> CryptographyError {
        let code = ERR_get_error()
        // Nobody may find our failure in the thread's queue later and take it for its own.
        ERR_clear_error()
        guard code != 0 else { return .failed("\(call) failed") }
        var text = [CChar](repeating: 0, count: 256)
        ERR_error_string_n(code, &text, text.count)
        return .failed("\(call) failed: \(text.withUnsafeBufferPointer { String(cString: $0.baseAddress!) })")
    }
}
