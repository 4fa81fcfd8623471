import AuthorityMessages
import Certificates
import Core
import Cryptography
import Glibc

/// The key and certificates of a machine.
struct NodeFiles {
    let directory: String

    private var keyPath: String { directory + "/node.key" }
    private var certificatePath: String { directory + "/node.crt" }

    /// The machine's key; a new one where there is none. A join that failed is repeated with the same.
    func key() throws -> PrivateKey {
        if let text = try PrivateFile.read(keyPath) {
            return try NodeJoinCommand.made { () throws(CertificateError) in
                try PrivateKey(pem: Array(text.utf8))
            }
        }
        try makeDirectory()
        let key = try NodeJoinCommand.made { () throws(CertificateError) in try PrivateKey.generate() }
        let pem = try NodeJoinCommand.made { () throws(CertificateError) in try key.pem() }
        try PrivateFile.write(String(decoding: pem, as: UTF8.self), to: keyPath)
        return key
    }

    private var authoritiesPath: String { directory + "/ca.crt" }
    /// There where the platform's API is by its own authority, too.
    private var marker: String { directory + "/api-by-ca" }

    /// The authorities to trust for the platform's API, where that is by them; nil where others said whom to trust.
    var ownAuthorities: String? { access(marker, F_OK) == 0 ? authoritiesPath : nil }

    /// The file of the authorities to trust while joining at `address`: the one given, none where the system trusts it, else one
    /// that holds the authority which the token names.
    func trust(_ address: String, _ token: JoinToken, given: String?) async throws -> String? {
        PrivateFile.remove(marker)
        if let given { return given }
        guard address.hasPrefix("https://") else { return nil }
        if try await PlatformTrust.isTrusted(address, authorities: nil) { return nil }
        guard
            let named = try await PlatformTrust.claimed(address).first(where: {
                $0.fingerprint == token.fingerprint
            })
        else { throw NodeJoinCommand.stranger }
        try makeDirectory()
        try PrivateFile.write(try PlatformTrust.pem([named]), to: authoritiesPath)
        guard try await PlatformTrust.isTrusted(address, authorities: authoritiesPath) else {
            throw ApolloError(
                .unavailable, "\(address) shows a certificate that its own authority did not sign",
                hint:
                    "name a file with the authority of that certificate with --ca-file; the token was not sent"
            )
        }
        try PrivateFile.write("", to: marker)
        return authoritiesPath
    }

    private func makeDirectory() throws {
        guard mkdir(directory, 0o700) == 0 || errno == EEXIST else {
            throw PrivateFile.failure("make", directory)
        }
    }

    /// The certificate last: where it is, the rest is.
    func write(_ answer: JoinAnswer) throws {
        try PrivateFile.write(answer.authorities, to: authoritiesPath)
        try PrivateFile.write(answer.certificate, to: certificatePath)
    }

    func renewal(at time: Timestamp) throws -> RenewRequest {
        guard let certificate = try PrivateFile.read(certificatePath) else {
            throw ApolloError(
                .notFound, "there is no \(certificatePath)", hint: "join first, with 'apollo node join'")
        }
        let key = try key()
        return try NodeJoinCommand.made { () throws(CertificateError) in
            let request = try SigningRequest.make(for: key)
            let signature = try key.sign(RenewalProof.message(for: request, at: time))
            return RenewRequest(
                certificate: certificate, request: try request.pem(), time: time,
                signature: Base64URL.encode(signature))
        }
    }
}
