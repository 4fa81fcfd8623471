import Authorities
import Certificates
import Core
import Glibc
import TLS

/// The server's certificate of the platform's own authority, kept in the data directory: `tls/server.pem`, its key and its chain
/// in one file, so that it is whole or not there, and `tls/ca.crt`, what clients of this machine trust.
struct OwnCertificate: Sendable {
    let authorities: AuthorityStore
    let directory: String
    let names: [AlternativeName]

    var file: String { directory + "/server.pem" }

    init(_ authorities: AuthorityStore, in directory: String, names: [AlternativeName]) throws {
        self.authorities = authorities
        self.directory = directory
        self.names = names
        guard mkdir(directory, 0o700) == 0 || errno == EEXIST else {
            throw PrivateFile.failure("make", directory)
        }
    }

    /// Makes a new one where it is due, and why.
    func renew(at now: Timestamp) async throws -> CertificateRenewal.Reason? {
        let trusted = try await authorities.trusted()
        let kept = try kept()
        var reason = CertificateRenewal.reason(
            for: kept, signedBy: trusted.first?.certificate, names: names, at: now)
        if reason == nil, let kept, try await authorities.isRevoked(kept.serial) { reason = .missing }
        guard let reason else { return nil }
        let (key, request) = try NodeJoinCommand.made { () throws(CertificateError) in
            let key = try PrivateKey.generate()
            return (key, try SigningRequest.make(for: key))
        }
        let issued = try await authorities.certify(server: names, request)
        let text = try NodeJoinCommand.made { () throws(CertificateError) in
            var text = String(decoding: try key.pem(), as: UTF8.self) + (try issued.certificate.pem())
            // Whoever trusts an older authority alone finds the way from it to the one that signs.
            for authority in trusted.dropLast() { text += try authority.endorsement?.pem() ?? "" }
            return text
        }
        try PrivateFile.write(text, to: file)
        return reason
    }

    /// The one there is, as a server uses it.
    func material(trusting trusted: PEMSource?) throws -> TLSMaterial {
        guard let text = try PrivateFile.read(file, upTo: 1 << 20) else {
            throw ApolloError(.unavailable, "there is no certificate for the server yet")
        }
        return TLSMaterial(
            TLSContext.Identity(certificates: .text(text), key: .text(text)), authorities: trusted)
    }

    /// Writes what clients of this machine trust.
    func publish(_ trusted: String) throws {
        let path = directory + "/ca.crt"
        if try PrivateFile.read(path, upTo: 1 << 20) != trusted { try PrivateFile.write(trusted, to: path) }
    }

    /// The certificate there is; nil for none, and for one that is damaged: then a new one is made.
    func kept() throws -> Certificate? {
        guard let text = try PrivateFile.read(file, upTo: 1 << 20) else { return nil }
        let bytes = Array(text.utf8)
        do {
            let certificate = try Certificate.chain(pem: bytes).first
            return certificate?.belongs(to: try PrivateKey(pem: bytes)) == true ? certificate : nil
        } catch {
            return nil
        }
    }
}
