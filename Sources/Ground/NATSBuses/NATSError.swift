import CNATS

/// Why something of NATS did not work.
struct NATSError: Error, Hashable, CustomStringConvertible {
    /// In words, for people.
    var description: String
    /// Whether the connection is of no use any more.
    var isFatal: Bool
}

extension NATSError {
    init(_ status: natsStatus, _ what: String) {
        isFatal =
            switch status {
            case NATS_MAX_PAYLOAD, NATS_INVALID_SUBJECT, NATS_INVALID_SUBSCRIPTION: false
            default: true
            }
        description = "\(what): \(Self.words(status))"
    }

    /// What a status means to who operates the server; where it says more of itself, that too.
    static func words(_ status: natsStatus) -> String {
        switch status {
        case NATS_NO_SERVER: "no NATS server answers there"
        case NATS_CONNECTION_AUTH_FAILED, NATS_NOT_PERMITTED:
            "the server refuses who we say we are: see bus.token.file, bus.credentials.file, bus.tls.certificate"
        case NATS_SECURE_CONNECTION_WANTED: "the server speaks no TLS there"
        case NATS_SECURE_CONNECTION_REQUIRED: "the server wants TLS: write tls:// in bus.url"
        case NATS_SSL_ERROR: "TLS failed: \(detail ?? "the server's certificate is not to be believed")"
        case NATS_STALE_CONNECTION: "the server gives no sign of life"
        case NATS_TIMEOUT: "the server does not answer in time"
        case NATS_CONNECTION_CLOSED, NATS_CONNECTION_DISCONNECTED, NATS_IO_ERROR:
            "the server closed the connection"
        default: detail ?? String(cString: natsStatus_GetText(status))
        }
    }

    /// What the library says of the last error of this thread.
    private static var detail: String? {
        var status = NATS_OK
        guard let text = nats_GetLastError(&status) else { return nil }
        var words = Substring(String(cString: text))
        // `(conn.c:733): ` says where in the library.
        if words.hasPrefix("("), let end = words.firstRange(of: "): ") { words = words[end.upperBound...] }
        return words.isEmpty ? nil : String(words)
    }
}
