public import Core

/// Why a request did not get its whole response.
public enum HTTPClientError: Error, Hashable, Sendable {
    /// The request cannot be sent as it is: its address, a field or its method is malformed.
    case invalidRequest(String)
    case couldNotResolve(host: String)
    /// Nobody listens there, or it cannot be reached. `reason` is the system's: `no such file or directory`.
    case couldNotConnect(to: String, reason: String)
    /// The peer's certificate, or ours, was refused, or the two ends do not agree on TLS.
    case tls(peer: String, reason: String)
    /// The time for `phase` ran out.
    case timedOut(Phase, after: Duration, peer: String)
    /// The peer broke the connection off before the response was whole.
    case disconnected(from: String, reason: String)
    /// What came back is not HTTP, or more redirects than allowed.
    case malformedResponse(from: String, reason: String)
    /// The response's status line and fields are longer than the configuration allows.
    case tooLarge(limit: Int, peer: String)
    /// Reading the request's body failed.
    case requestBodyFailed(String)
    /// More requests wait already than the configuration allows.
    case overloaded(limit: Int)
    /// The task that asked was cancelled.
    case cancelled
    /// The client was closed.
    case closed
    /// A fault of libcurl or of its use.
    case failed(String)

    /// What a deadline was set for.
    public enum Phase: String, Hashable, Sendable {
        case connecting
        /// No byte moved either way.
        case idle
        /// The whole call, waits and retries counted.
        case total
    }

    /// The same as everyone's error.
    public var asApolloError: ApolloError {
        ApolloError(kind, description, hint: hint)
    }

    private var kind: ErrorKind {
        switch self {
        case .invalidRequest: .invalid
        case .couldNotResolve, .couldNotConnect, .tls, .disconnected, .closed, .malformedResponse, .tooLarge:
            .unavailable
        case .timedOut: .deadline
        case .overloaded: .exhausted
        case .cancelled: .cancelled
        case .requestBodyFailed, .failed: .internal
        }
    }

    private var hint: String? {
        switch self {
        case .couldNotResolve: "check the name and this machine's DNS"
        case .couldNotConnect: "check that the service runs and listens there"
        case .tls: "trust its certificate authority with the CA file option, or check the name in the address"
        case .timedOut: "try again, or allow more time"
        case .disconnected: "try again; if it stays so, look into the service's log"
        case .malformedResponse: "check that the address is that of an HTTP service"
        case .overloaded: "try again when some requests have ended"
        default: nil
        }
    }
}

extension HTTPClientError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .invalidRequest(let reason): "invalid request: \(reason)"
        case .couldNotResolve(let host): "cannot resolve the host name '\(host)'"
        case .couldNotConnect(let peer, let reason): "cannot connect to \(peer): \(reason)"
        case .tls(let peer, let reason): "no secure connection to \(peer): \(reason)"
        case .timedOut(.connecting, let time, let peer):
            "connecting to \(peer) took longer than \(time.short)"
        case .timedOut(.idle, let time, let peer): "\(peer) moved no byte for \(time.short)"
        case .timedOut(.total, let time, let peer): "the call to \(peer) took longer than \(time.short)"
        case .disconnected(let peer, let reason): "\(peer) broke the connection off: \(reason)"
        case .malformedResponse(let peer, let reason): "the response of \(peer) is not valid: \(reason)"
        case .tooLarge(let limit, let peer): "the response fields of \(peer) are longer than \(limit) bytes"
        case .requestBodyFailed(let reason): "cannot read the request's body: \(reason)"
        case .overloaded(let limit): "more than \(limit) requests wait to be sent"
        case .cancelled: "the request was cancelled"
        case .closed: "the HTTP client is closed"
        case .failed(let reason): "the HTTP client failed: \(reason)"
        }
    }
}
