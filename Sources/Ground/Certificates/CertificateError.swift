import CX509
public import Core

/// Why a key, a request or a certificate cannot be read or made.
public enum CertificateError: Error, Hashable, Sendable {
    /// What was given is no such thing, or one that is not taken: which, and why.
    case malformed(String)
    /// OpenSSL refused: out of memory, no entropy.
    case failed(String)

    /// The same as everyone's error.
    public var asApolloError: ApolloError {
        switch self {
        case .malformed(let what): ApolloError(.invalid, what)
        case .failed(let what): ApolloError(.internal, what)
        }
    }
}

/// OpenSSL's errors, which wait in a queue of the thread.
enum LibraryErrors {
    static func clear() { ERR_clear_error() }

    /// The reason of the last error, which says most of what was read; the queue is emptied.
    static func take() -> String {
        let code = ERR_peek_last_error()
        ERR_clear_error()
        guard code != 0 else { return "no reason given" }
        return ERR_reason_error_string(code).map { String(cString: $0) } ?? "OpenSSL error \(code)"
    }

    static func failure(_ call: String) -> CertificateError { .failed("\(call) failed: \(take())") }
}
