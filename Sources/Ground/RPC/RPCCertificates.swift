import Core
import Synchronization
public import TLS

/// What an end of TLS connections shows and trusts, in files or texts of PEM.
public struct RPCCertificates: Hashable, Sendable {
    /// The own certificate and key; a client that shows none has none.
    public var identity: TLSContext.Identity?
    /// Who has to have signed the peer's certificate. For a server: nil asks clients for none. For a client: nil trusts those
    /// that the system trusts.
    public var authorities: PEMSource?

    public init(identity: TLSContext.Identity?, authorities: PEMSource? = nil) {
        self.identity = identity
        self.authorities = authorities
    }

    struct Texts: Sendable {
        var certificates: String?
        var key: String?
        var authorities: String?
    }

    /// Reads everything, and checks that it fits together: the core would only say that it does not.
    func read(isServer: Bool) throws -> Texts {
        do {
            if isServer {
                guard let identity else {
                    throw ApolloError(.invalid, "a server with TLS needs a certificate and its key")
                }
                _ = try TLSContext.server(identity, clientAuthorities: authorities)
            } else {
                _ = try TLSContext.client(authorities: authorities, identity: identity)
            }
            return Texts(
                certificates: try identity?.certificates.text("certificate"),
                key: try identity?.key.text("key"),
                authorities: try authorities?.text("authorities"))
        } catch let error as TLSError {
            throw ApolloError(error)
        }
    }
}

/// A server's certificates, which can be replaced while it runs: connections that are there go on, new ones see the new.
public final class RPCServerCertificates: Sendable {
    private struct State {
        var certificates: RPCCertificates
        var texts: RPCCertificates.Texts
        var version = 1
    }

    private let state: Mutex<State>
    let requiresClients: Bool

    /// Reads them; with authorities, clients must show a certificate that one of them signed.
    public init(_ certificates: RPCCertificates) throws {
        requiresClients = certificates.authorities != nil
        state = Mutex(State(certificates: certificates, texts: try certificates.read(isServer: true)))
    }

    /// Reads the files again. When that fails, those that were read last stay in use.
    public func reload() throws { try replace(state.withLock { $0.certificates }) }

    /// Reads others, which take the place of these. When that fails, those that were read last stay in use. Whether clients are asked
    /// for certificates stays as it was.
    public func replace(_ certificates: RPCCertificates) throws {
        let texts = try certificates.read(isServer: true)
        state.withLock { state in
            state.certificates = certificates
            state.texts = texts
            state.version += 1
        }
    }

    /// What is new since `version`; nil for nothing.
    func news(since version: inout Int) -> RPCCertificates.Texts? {
        state.withLock { state in
            guard state.version != version else { return nil }
            version = state.version
            return state.texts
        }
    }
}

/// One listener's view of a server's certificates.
final class CertificateFetcher: Sendable {
    private let certificates: RPCServerCertificates
    private let seen = Mutex(0)

    init(_ certificates: RPCServerCertificates) { self.certificates = certificates }

    func next() -> RPCCertificates.Texts? { seen.withLock { certificates.news(since: &$0) } }
}
