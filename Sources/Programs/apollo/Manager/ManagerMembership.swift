import APIClients
import APIMessages
import Authorities
import AuthorityClients
import Certificates
import ClusterModel
import Configuration
import Core
import Databases
import Documents
import Glibc
import HTTPClients
import HTTPModel
import KeyRings
import Leaders

/// A manager's belonging to a platform that several share: it is in by being the first, or by a join token.
struct ManagerMembership {
    let applicant: LeadershipStore.Applicant
    let database: any Database
    /// What the database is called in messages.
    let place: String
    let source: MasterKeySource
    /// Whether objects would be kept where no other manager has to reach them.
    let keepsObjectsApart: Bool
    let environment: Environment

    /// Enters, or joins by the invitation; throws why it may not.
    func establish(_ invitation: WorkerInvitation?, authorities: String?) async throws {
        let managers = try await LeadershipStore(database).all().managers
        let isIn = managers.contains { $0.id == applicant.id }
        if let invitation, !isIn {
            return try await join(invitation, managers, given: authorities)
        }
        if isIn { try checkObjects(managers) }
        guard try await LeadershipStore(database).enter(applicant) else {
            let names = managers.map { "'\($0.name)'" }.joined(separator: ", ")
            throw ApolloError(
                .conflict,
                "the platform in \(place) has managers already (\(names)), and this is none of them",
                hint:
                    "join with --join TOKEN@HOST:PORT; 'apollo node token create' prints a token. A manager is known by node-id in its data directory"
            )
        }
    }

    /// Each manager serves the platform's objects while it leads: those that only another reaches would be gone.
    private func checkObjects(_ managers: [ManagerRecord]) throws(ApolloError) {
        let others = managers.filter { $0.id != applicant.id }.map { "'\($0.name)'" }
        guard keepsObjectsApart, !others.isEmpty else { return }
        throw ApolloError(
            .invalid,
            "objects would be kept on this machine alone, and the platform has other managers (\(others.joined(separator: ", ")))",
            hint:
                "give all managers the same objects.directory, on a file system that they share, or switch the object store and the image registry off with objects.enabled: false"
        )
    }

    /// Before the token is used up: whether this machine has what a manager needs, the same database and the same master key.
    private func join(
        _ invitation: WorkerInvitation, _ managers: [ManagerRecord], given authorities: String?
    ) async throws {
        guard !managers.isEmpty else {
            throw ApolloError(
                .conflict,
                "there is no platform in \(place) yet, so \(invitation.address) uses another database",
                hint: "give the database.url of the manager there")
        }
        try checkObjects(managers)
        let keys = try await KeyRing.open(source, database, environment: environment)
        if let problem = keys.status.problem {
            throw ApolloError(
                .unavailable, "this machine has not the platform's master key: \(problem.message)",
                hint:
                    "copy secrets.key from the data directory of a manager to this one's, over a safe channel, or name it with secrets.key.file or secrets.key.command, as there"
            )
        }
        let store = AuthorityStore(database, keys: keys, environment: environment)
        let known = try await store.trusted().map(\.certificate.fingerprint)
        guard known.contains(invitation.token.fingerprint) else {
            throw ApolloError(
                .conflict, "the platform in \(place) is not the one that the join token is of",
                hint: "give the database.url of the manager that made the token; it was not sent")
        }
        try await ask(invitation, trusting: try await trust(invitation, store, given: authorities))
    }

    /// The authorities to believe the other manager by: those given, none where the system trusts it, else the platform's own,
    /// which are in the database.
    private func trust(
        _ invitation: WorkerInvitation, _ store: AuthorityStore, given: String?
    ) async throws -> String? {
        if let given { return given }
        guard invitation.address.hasPrefix("https://") else { return nil }
        if try await PlatformTrust.isTrusted(invitation.address, authorities: nil) { return nil }
        return try await PlatformTrust.pem(store.trusted().map(\.certificate))
    }

    private func ask(_ invitation: WorkerInvitation, trusting authorities: String?) async throws {
        var path: String?
        if let authorities {
            guard authorities.hasPrefix("-----") else {
                return try await send(invitation, trusting: authorities)
            }
            // libcurl reads them from a file.
            var template = Array("/tmp/apollo-authorities-XXXXXX".utf8CString)
            let descriptor = mkstemp(&template)
            guard descriptor >= 0 else { throw PrivateFile.failure("make a file in", "/tmp") }
            close(descriptor)
            path = template.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
            try PrivateFile.write(authorities, to: path!)
        }
        defer { if let path { PrivateFile.remove(path) } }
        try await send(invitation, trusting: path)
    }

    private func send(_ invitation: WorkerInvitation, trusting authorities: String?) async throws {
        let http = HTTPClient(
            HTTPClientConfiguration(tls: HTTPClientTLS(authorityFile: authorities), maximumIdleConnections: 1)
        )
        let api = APIClient(address: invitation.address, project: "default", token: "", http: http)
        let request = ManagerJoinRequest(
            token: invitation.token.text, id: applicant.id.text, name: applicant.name,
            version: applicant.version, tokenHash: applicant.tokenHash)
        do {
            _ = try await api.call(
                .post, "/join/manager", body: try JSONWriter.bytes(encoding: request))
            await http.close()
        } catch {
            await http.close()
            throw error
        }
    }
}
