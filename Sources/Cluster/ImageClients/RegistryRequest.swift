public import HTTPClients
public import HTTPModel
public import ImageModel

/// A call to a registry about one repository (OCI distribution specification).
public struct RegistryRequest: Sendable {
    /// What is done there, which decides what a token has to allow.
    public enum Action: String, Hashable, Sendable { case pull, push }

    public var method: HTTPMethod
    public var host: RegistryHost
    public var repository: RepositoryName
    /// Behind the repository: `manifests/latest`, `blobs/sha256:…`.
    public var path: String
    public var fields: HTTPFields
    public var body: HTTPClientBody
    public var actions: [Action]

    public init(
        _ method: HTTPMethod, _ host: RegistryHost, _ repository: RepositoryName, _ path: String,
        fields: HTTPFields = HTTPFields(), body: HTTPClientBody = .empty, actions: [Action] = [.pull]
    ) {
        self.method = method
        self.host = host
        self.repository = repository
        self.path = path
        self.fields = fields
        self.body = body
        self.actions = actions
    }

    /// What a token has to be about.
    var scope: String {
        "repository:\(repository):\(actions.map(\.rawValue).joined(separator: ","))"
    }
}
