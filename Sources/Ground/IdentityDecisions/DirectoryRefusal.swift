public import Core
import Identity

/// Why a change of users, roles, grants, tokens or projects is refused.
public enum DirectoryRefusal: Error, Hashable, Sendable {
    case notFound(String)
    case exists(String)
    /// The one who asks may not: what it would take.
    case denied(String, hint: String)
    case conflict(String, hint: String)
    case invalid(field: String, String)
    case full(String)

    public var asApolloError: ApolloError {
        switch self {
        case .notFound(let what): ApolloError(.notFound, "no \(what)")
        case .exists(let what): ApolloError(.exists, "there is \(what) already")
        case .denied(let what, let hint): ApolloError(.denied, what, hint: hint)
        case .conflict(let what, let hint): ApolloError(.conflict, what, hint: hint)
        case .invalid(let field, let what):
            ApolloError(.invalid, what, fields: [FieldError(path: field, message: what)])
        case .full(let what): ApolloError(.exhausted, what, hint: "remove what is not needed any more")
        }
    }

    static func needs(_ permission: Permission, on resource: ResourceURI, of credential: Credential)
        -> DirectoryRefusal
    {
        .denied(
            "\(credential.principal) may not \(permission.rawValue) \(resource)",
            hint: "nobody can give, or take away, what they do not manage themselves")
    }
}
