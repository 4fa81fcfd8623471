public import HTTPClients
public import HTTPModel
public import ImageModel

/// A call to a registry (OCI distribution specification).
public struct RegistryRequest: Sendable {
    public var method: HTTPMethod
    public var registry: RegistryPlace
    /// A path of the registry, with its query: `/v2/app/manifests/latest`.
    public var target: String
    /// What a token has to be about: `repository:app:pull`.
    public var scope: String
    /// What is asked for, for messages: `image 'app:1'`.
    public var subject: String
    public var fields: HTTPFields
    public var body: HTTPClientBody
    /// Whether bytes of any size move, for however long it takes.
    public var isLong: Bool

    public init(
        _ method: HTTPMethod, _ registry: RegistryPlace, target: String, scope: String, about subject: String,
        fields: HTTPFields = HTTPFields(), body: HTTPClientBody = .empty, isLong: Bool = false
    ) {
        self.method = method
        self.registry = registry
        self.target = target
        self.scope = scope
        self.subject = subject
        self.fields = fields
        self.body = body
        self.isLong = isLong
    }

    /// - Parameter path: behind the repository: `manifests/latest`, `blobs/sha256:…`.
    public init(
        _ method: HTTPMethod, _ registry: RegistryPlace, _ repository: RepositoryName, _ path: String,
        about subject: String, fields: HTTPFields = HTTPFields(), body: HTTPClientBody = .empty,
        isLong: Bool = false
    ) {
        self.init(
            method, registry, target: "/v2/\(repository)/\(path)",
            scope: Self.scope(method, repository), about: subject, fields: fields, body: body, isLong: isLong)
    }

    /// What a token has to allow, for a method that is used on a repository.
    public static func scope(_ method: HTTPMethod, _ repository: RepositoryName) -> String {
        let actions =
            switch method {
            case .get, .head: "pull"
            case .delete: "delete"
            default: "pull,push"
            }
        return "repository:\(repository):\(actions)"
    }
}
