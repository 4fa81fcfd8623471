import Certificates
import Core
import Cryptography
import Glibc
import Terminal

/// Trust at the first login: whose authority the platform's is, somebody confirms by its fingerprint before anything is sent.
struct FirstTrust {
    /// What was confirmed, in a file of its own until the login has succeeded.
    struct Pin {
        let fingerprint: String
        let path: String

        var file: String { path + ".login" }

        func keep() throws {
            guard rename(file, path) == 0 else { throw PrivateFile.failure("write", path) }
        }

        /// Removes what was not kept.
        func abandon() { PrivateFile.remove(file) }
    }

    private let session: Session
    private let pinPath: String

    init(_ session: Session, pinPath: String) {
        self.session = session
        self.pinPath = pinPath
    }

    /// Nil where whom to trust is known already, or there is no TLS.
    func establish(fingerprint text: String?) async throws -> Pin? {
        // Of several managers one will do: they have one authority.
        let address = String(try session.resolvedAddress().prefix { $0 != "," })
        guard address.hasPrefix("https://") else {
            guard text == nil else {
                throw ApolloError(
                    .invalid, "--ca-fingerprint is for platforms by https, and this is \(address)",
                    hint: "give --address https://…")
            }
            return nil
        }
        var wanted: SHA256Digest?
        if let text {
            wanted = PlatformTrust.fingerprint(text)
            guard wanted != nil else {
                throw ApolloError(
                    .invalid, "--ca-fingerprint is no SHA-256 in hexadecimal",
                    hint: "'apollo ca show' on the platform prints it, 64 digits")
            }
        } else {
            guard session.target.authorities == nil else { return nil }
            if try await PlatformTrust.isTrusted(address, authorities: nil) { return nil }
        }
        let claimed = try await PlatformTrust.claimed(address)
        let chosen = try choose(wanted, among: claimed, of: address)
        if wanted == nil { try confirm(chosen.fingerprint.hex, of: address) }
        return try await proved(chosen, at: address)
    }

    private func choose(
        _ wanted: SHA256Digest?, among claimed: [Certificate], of address: String
    ) throws -> Certificate {
        guard let active = claimed.first else {
            throw ApolloError(.unavailable, "\(address) has no authority of its own", hint: "give --ca-file")
        }
        guard let wanted else { return active }
        guard let chosen = claimed.first(where: { $0.fingerprint == wanted }) else {
            throw ApolloError(
                .denied,
                "the authority of \(address) has the fingerprint \(active.fingerprint.hex), not the one given",
                hint: "compare with 'apollo ca show' on the platform; nothing was sent")
        }
        return chosen
    }

    private func confirm(_ fingerprint: String, of address: String) throws {
        guard isatty(STDIN_FILENO) == 1 else {
            throw ApolloError(
                .denied, "\(address) is not trusted yet; its authority has the fingerprint \(fingerprint)",
                hint:
                    "compare it with 'apollo ca show' on the platform, and give it with --ca-fingerprint; nothing was sent"
            )
        }
        try session.errors.write(
            "\(address) is not trusted yet. Its authority has the fingerprint (SHA-256)\n  \(fingerprint)\nCompare with 'apollo ca show' on the platform. Trust it? [y/N] "
        )
        let answer = readLine() ?? ""
        guard ["y", "yes"].contains(answer.lowercased()) else {
            throw ApolloError(.cancelled, "\(address) is not trusted; nothing was sent")
        }
    }

    /// Whether the platform shows a certificate of `authority`; then what it says of its other authorities is believed, too.
    private func proved(_ authority: Certificate, at address: String) async throws -> Pin {
        let pin = Pin(fingerprint: authority.fingerprint.hex, path: pinPath)
        try Contexts.makeDirectory(of: pinPath)
        try PrivateFile.write(try PlatformTrust.pem([authority]), to: pin.file)
        do {
            guard try await PlatformTrust.isTrusted(address, authorities: pin.file) else {
                throw ApolloError(
                    .unavailable, "\(address) shows a certificate that its own authority did not sign",
                    hint: "name a file with the authority of that certificate with --ca-file")
            }
            let all = try await PlatformTrust.vouched(address, by: pin.file)
            try PrivateFile.write(try PlatformTrust.pem(all), to: pin.file)
        } catch {
            pin.abandon()
            throw error
        }
        return pin
    }
}
