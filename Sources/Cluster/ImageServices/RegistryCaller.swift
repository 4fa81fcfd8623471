import Core
import HTTPModel
import Identity
import ImageModel
import ImageStorage

/// Who makes a request to the registry, and what they may.
struct RegistryCaller: Sendable {
    /// Nil for nobody.
    let credential: Credential?
    /// Nil where a token of the platform was sent, which is good for all that its owner may.
    let grant: RegistryGrant?
    let access: AccessControl
    /// Projects whose images anybody may pull.
    let open: Set<String>

    /// The principal's URI, for records.
    var name: String { credential?.principal.description ?? "anonymous" }

    /// Whether the platform lets the caller do it, whatever the token says.
    func may(_ action: RegistryAction, _ repository: RepositoryName) throws -> Bool {
        if action == .pull, open.contains(RegistryResource.record(repository).project) { return true }
        guard let credential else { return false }
        return access.allows(credential, action.permission, on: try RegistryResource.uri(repository))
    }

    /// Whether the caller may know that a repository is there.
    func sees(_ repository: RepositoryName) -> Bool {
        if open.contains(RegistryResource.record(repository).project) { return true }
        // What has no URI nobody has a right on.
        guard let credential, let resource = try? RegistryResource.uri(repository) else { return false }
        return access.allows(credential, .list, on: resource)
    }

    /// - Throws: ``RegistryError``: unauthorized, with what a better token has to be good for, or denied.
    func require(
        _ action: RegistryAction, _ repository: RepositoryName, _ challenge: RegistryChallenge
    ) throws {
        try requireToken(action, repository, challenge)
        if try may(action, repository) { return }
        guard let credential else { throw challenge.error("this needs a login") }
        do throws(ApolloError) {
            try access.check(credential, action.permission, on: try Self.uri(repository))
        } catch {
            throw RegistryError(telling: error)
        }
    }

    /// - Throws: ``RegistryError``: unauthorized where the token is good for less.
    func requireToken(
        _ action: RegistryAction, _ repository: RepositoryName, _ challenge: RegistryChallenge
    ) throws(RegistryError) {
        guard let grant, grant.scope[repository]?.contains(action) != true else { return }
        throw challenge.error("the token is not good for this", isInsufficient: true)
    }

    private static func uri(_ repository: RepositoryName) throws(ApolloError) -> ResourceURI {
        do { return try RegistryResource.uri(repository) } catch {
            throw ApolloError(.invalid, "'\(repository)' is no name of a repository here: \(error)")
        }
    }
}

/// What a client that has to log in is told: where it gets a token, and for what (Docker's token authentication).
struct RegistryChallenge: Sendable {
    /// The registry as the client has addressed it: `http://localhost:7070`.
    let base: String
    /// Such as `repository:app:pull,push`; nil for the registry itself.
    let scope: String?

    static let service = "apollo"

    func error(_ message: String, isInsufficient: Bool = false) -> RegistryError {
        var error = RegistryError(.unauthorized, .unauthorized, message)
        var text = "Bearer realm=\"\(base)/v2/token\",service=\"\(Self.service)\""
        if let scope { text += ",scope=\"\(scope)\"" }
        if isInsufficient { text += ",error=\"insufficient_scope\"" }
        error.fields["WWW-Authenticate"] = text
        return error
    }
}
