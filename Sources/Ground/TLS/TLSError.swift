import CSSL
public import Core

/// How TLS fails.
public enum TLSError: Error, Hashable, Sendable {
    /// A certificate or key cannot be used: which, and why.
    case configuration(String)
    /// The handshake failed: the peer speaks something else, or one does not trust the other.
    case handshake(String)
    /// A record is damaged, or the protocol is broken.
    case broken(String)
    /// The peer ended the connection properly.
    case closed
}

extension TLSError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .configuration(let reason): reason
        case .handshake(let reason): "the TLS handshake failed: \(reason)"
        case .broken(let reason): "the TLS connection broke: \(reason)"
        case .closed: "the peer closed the TLS connection"
        }
    }
}

extension ApolloError {
    /// The same failure for people.
    public init(_ error: TLSError) {
        let kind: ErrorKind =
            switch error {
            case .configuration: .invalid
            case .handshake, .broken, .closed: .unavailable
            }
        self.init(kind, error.description)
    }
}

/// OpenSSL's errors, which wait in a queue of the thread.
enum OpenSSLErrors {
    static func clear() { ERR_clear_error() }

    /// The reason of the first error in the queue, which is emptied.
    static func take() -> String {
        let code = ERR_get_error()
        ERR_clear_error()
        guard code != 0 else { return "no reason given" }
        return ERR_reason_error_string(code).map { String(cString: $0) } ?? "OpenSSL error \(code)"
    }
}
