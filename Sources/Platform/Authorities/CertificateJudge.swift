import Certificates
public import Core
import Cryptography
public import Identity
import Synchronization

/// Judges the certificates that clients show, by the authorities and revocations that it was told last.
public final class CertificateJudge: CertificateAuthenticator {
    private struct State {
        var verifier = CertificateVerifier(authorities: [])
        /// What was believed under these authorities, by the certificate's hash: a signature is checked once.
        var believed: [SHA256Digest: Believed] = [:]
    }

    private struct Believed {
        var certificate: Certificate
        var certified: CertifiedPrincipal
    }

    private static let limit = 4096
    private let store: AuthorityStore
    private let state = Mutex(State())

    public init(_ store: AuthorityStore) { self.store = store }

    /// Reads anew who is trusted, and what was called back.
    public func reload() async throws {
        let authorities = try await store.trusted().map(\.certificate)
        let revoked = try await store.revokedSerials()
        state.withLock {
            $0 = State(verifier: CertificateVerifier(authorities: authorities, revoked: revoked))
        }
    }

    public func authenticate(
        certificate der: [UInt8], at now: Timestamp
    ) throws(ApolloError) -> CertifiedPrincipal {
        let hash = SHA256.hash(der)
        let (known, verifier) = state.withLock { ($0.believed[hash], $0.verifier) }
        if let known, known.certificate.notBefore <= now, now < known.certified.expires {
            return known.certified
        }
        let certificate: Certificate
        do { certificate = try Certificate(der: der) } catch { throw error.asApolloError }
        let principal: Principal
        do { principal = try verifier.verify([certificate], for: .client, at: now) } catch {
            throw error.asApolloError
        }
        let certified = CertifiedPrincipal(principal, expires: certificate.notAfter)
        state.withLock { state in
            // Judged by what does not count any more: the next request is judged anew.
            guard state.verifier.isSame(as: verifier) else { return }
            if state.believed.count >= Self.limit { state.believed = [:] }
            state.believed[hash] = Believed(certificate: certificate, certified: certified)
        }
        return certified
    }
}

extension CertificateVerifier {
    fileprivate func isSame(as other: CertificateVerifier) -> Bool {
        authorities == other.authorities && revoked == other.revoked
    }
}
