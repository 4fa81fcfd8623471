import Synchronization

/// A server's certificate that can be replaced while it serves: new connections get the new one.
public final class TLSCertificate: Sendable {
    private struct State {
        var identity: TLSContext.Identity
        var clients: ClientCertificates
        var context: TLSContext
    }

    private let state: Mutex<State>

    /// Reads the certificate and the key.
    public convenience init(
        _ identity: TLSContext.Identity, clientAuthorities: PEMSource? = nil
    ) throws(TLSError) {
        try self.init(identity, clients: clientAuthorities.map { .required($0) } ?? .notAsked)
    }

    /// Reads the certificate and the key.
    public init(_ identity: TLSContext.Identity, clients: ClientCertificates) throws(TLSError) {
        state = Mutex(
            State(
                identity: identity, clients: clients,
                context: try TLSContext.server(identity, clients: clients)))
    }

    /// What a new connection uses.
    public var current: TLSContext { state.withLock { $0.context } }

    /// Reads the files again. When that fails the old certificate stays in use.
    public func reload() throws(TLSError) {
        let (identity, clients) = state.withLock { ($0.identity, $0.clients) }
        try replace(identity, clients: clients)
    }

    /// From now on it is this one. When it cannot be used the old one stays.
    public func replace(_ identity: TLSContext.Identity, clients: ClientCertificates) throws(TLSError) {
        let new = State(
            identity: identity, clients: clients, context: try TLSContext.server(identity, clients: clients))
        state.withLock { $0 = new }
    }
}
