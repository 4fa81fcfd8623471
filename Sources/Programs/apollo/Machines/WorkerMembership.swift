import APIClients
import APIMessages
import AuthorityClients
import AuthorityMessages
import Certificates
import Core
import Cryptography
import Glibc
import HTTPClients
import Identity
import PlatformClients
import RPC
import TLS

/// A worker's belonging to a platform: its key and certificates, and where the manager is.
struct WorkerMembership: Sendable {
    let directory: String
    /// The address of the API of the manager at which the machine joined.
    let address: String
    /// Where managers answer now.
    let managers: KnownManagers
    /// The file of the authorities to trust for it; nil for the system's, or those of the platform itself.
    let authorities: String?

    private var files: NodeFiles { NodeFiles(directory: directory) }

    /// What the machine shows, and whom it trusts.
    var certificates: RPCCertificates {
        RPCCertificates(
            identity: TLSContext.Identity(
                certificates: .file(directory + "/node.crt"), key: .file(directory + "/node.key")),
            authorities: .file(directory + "/ca.crt"))
    }

    /// The membership of this directory; joins by the invitation where there is none yet, or it has expired, or it is one of another
    /// platform than the one that invites.
    static func establish(
        in directory: String, invitation: WorkerInvitation?, name: String, authorities: String?,
        environment: Environment
    ) async throws -> WorkerMembership {
        let place = directory + "/manager"
        let known = try PrivateFile.read(place).map { String($0.prefix { !$0.isNewline }) }
        guard let address = invitation?.address ?? known else {
            throw ApolloError(
                .invalid, "this machine has not joined a platform yet",
                hint: "give --join TOKEN@HOST:PORT; 'apollo node token create' on the manager prints a token")
        }
        let membership = WorkerMembership(
            directory: directory, address: address,
            managers: try KnownManagers(file: directory + "/managers", joinedAt: address),
            authorities: authorities)
        let isJoined = try membership.isJoined(at: environment.wallClock.now, canJoin: invitation != nil)
        if let invitation {
            let isElsewhere = isJoined ? await membership.isForeign(to: invitation) : false
            if !isJoined || isElsewhere {
                try await membership.join(invitation.token, name: name)
                membership.managers.forget()
                // Another platform counts its managers' terms from the beginning.
                if isElsewhere { PrivateFile.remove(EpochFile.path(in: directory)) }
            }
        }
        // What the clock has against a certificate that is new says something of the clock.
        _ = try membership.isJoined(at: environment.wallClock.now, canJoin: false)
        if known != address { try PrivateFile.write(address + "\n", to: place) }
        return membership
    }

    /// Whether there is a certificate that can be used; throws why it cannot, where a new join would not help or is not asked for.
    private func isJoined(at now: Timestamp, canJoin: Bool) throws -> Bool {
        guard let certificate = try certificate() else {
            if canJoin { return false }
            throw ApolloError(
                .invalid, "there is no \(directory)/node.crt",
                hint: "join with --join TOKEN@HOST:PORT; 'apollo node token create' makes a token")
        }
        if now < certificate.notBefore {
            throw ApolloError(
                .unauthenticated,
                "this machine's certificate is good from \(certificate.notBefore) on, and it is \(now) here: its clock is behind",
                hint: "set the clock, such as by NTP")
        }
        if now < certificate.notAfter {
            let stranger = try otherAuthority(of: certificate, at: now)
            if let stranger, !canJoin { throw stranger }
            return stranger == nil
        }
        if canJoin { return false }
        throw ApolloError(
            .unauthenticated,
            "this machine's certificate expired at \(certificate.notAfter), and it is \(now) here",
            hint: "join again with --join TOKEN@HOST:PORT; or set the clock, if it is ahead")
    }

    /// Why a certificate is none of the platform's that this machine joined; nil where it is one. The manager would close the
    /// connection, and could not say why.
    private func otherAuthority(of certificate: Certificate, at now: Timestamp) throws -> ApolloError? {
        let verifier = CertificateVerifier(authorities: try authoritiesBelieved())
        do throws(CertificateFault) {
            _ = try verifier.verify([certificate], for: .client, at: now)
            return nil
        } catch .otherAuthority(let issuer) {
            return ApolloError(
                .unauthenticated,
                "this machine's certificate is of '\(issuer.printable)', and not of the platform that it joined",
                hint:
                    "put \(directory)/node.crt back as it was, or join again with --join TOKEN@HOST:PORT; 'apollo node token create' on the manager makes a token"
            )
        } catch {
            // What else may be wrong with it the manager says.
            return nil
        }
    }

    /// Whether the platform that invites is another than this machine's: it has the authority that the invitation names, and none of
    /// those that this machine believes. False where that cannot be found out now.
    private func isForeign(to invitation: WorkerInvitation) async -> Bool {
        // What cannot be read or asked for now keeps nobody from working with the membership that there is.
        guard let own = try? believed(), !own.contains(invitation.token.fingerprint) else { return false }
        // The same.
        guard let theirs = try? await PlatformTrust.claimed(invitation.address).map(\.fingerprint) else {
            return false
        }
        return theirs.contains(invitation.token.fingerprint) && own.isDisjoint(with: theirs)
    }

    /// Throws where the platform at `address` is another than the one this machine joined.
    private func checkPlatform(_ address: String) async throws {
        let theirs = try await PlatformTrust.claimed(address).map(\.fingerprint)
        guard try believed().isDisjoint(with: theirs) else { return }
        throw ApolloError(
            .unauthenticated,
            "the platform at \(address) has another authority than the one that this machine joined: it was made anew, or is another",
            hint:
                "join it with --join TOKEN@HOST:PORT; 'apollo node token create' on the manager makes a token"
        )
    }

    /// The authorities that this machine believes.
    private func believed() throws -> Set<SHA256Digest> {
        Set(try authoritiesBelieved().map(\.fingerprint))
    }

    private func authoritiesBelieved() throws -> [Certificate] {
        let text = try PrivateFile.read(directory + "/ca.crt", upTo: 1 << 20) ?? ""
        return try NodeJoinCommand.made { () throws(CertificateError) in
            try Certificate.chain(pem: Array(text.utf8))
        }
    }

    func certificate() throws -> Certificate? {
        guard let text = try PrivateFile.read(directory + "/node.crt", upTo: 1 << 16) else { return nil }
        return try NodeJoinCommand.made { () throws(CertificateError) in
            try Certificate.chain(pem: Array(text.utf8)).first
        }
    }

    /// The name under which the machine is known.
    func name() throws -> String {
        guard let principal = try certificate()?.principal, principal.kind == .node else {
            throw ApolloError(
                .corrupt, "\(directory)/node.crt names no machine",
                hint: "remove it, and join again with --join TOKEN@HOST:PORT")
        }
        return principal.name
    }

    private func join(_ token: JoinToken, name: String) async throws {
        let trust = try await files.trust(address, token, given: authorities)
        let answer = try await withClient(trusting: trust) { client in
            let api = AuthorityClient(client.api)
            try NodeJoinCommand.check(try await api.authorities(), token)
            let key = try files.key()
            let request = try NodeJoinCommand.made { () throws(CertificateError) in
                try SigningRequest.make(for: key).pem()
            }
            return try await api.join(JoinRequest(token: token.text, name: name, request: request))
        }
        try files.write(answer)
    }

    /// Gets the next certificate.
    func renew(at now: Timestamp) async throws {
        let request = try files.renewal(at: now)
        try files.write(
            try await withClient(trusting: authorities ?? files.ownAuthorities) {
                try await AuthorityClient($0.api).renew(request)
            })
    }

    /// Where to register: with the manager that leads.
    func registry() async throws -> (host: String, port: UInt16) {
        let (door, leader) = try await withClient(trusting: authorities ?? files.ownAuthorities) {
            (try await $0.registry(), $0.api.address)
        }
        managers.learn(door.managers ?? [])
        guard let port = door.port else {
            throw ApolloError(
                .conflict, "the platform at \(leader) takes no workers of other machines",
                hint: "run 'apollo manager' there, or set nodes.enabled for 'apollo up'")
        }
        try await checkPlatform(leader)
        return (WorkerInvitation.host(of: leader), port)
    }

    private func withClient<Result: Sendable>(
        trusting authorities: String?, _ body: (PlatformClient) async throws -> Result
    ) async throws -> Result {
        let http = HTTPClient(
            HTTPClientConfiguration(tls: HTTPClientTLS(authorityFile: authorities), maximumIdleConnections: 2)
        )
        let client = PlatformClient(
            APIClient(address: managers.addresses, project: "default", token: "", http: http))
        do {
            let result = try await body(client)
            await http.close()
            return result
        } catch {
            await http.close()
            throw error
        }
    }
}
