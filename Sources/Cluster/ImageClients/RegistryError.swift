public import Core
public import HTTPClients
import HTTPModel

/// Why a registry did not give, or take, what was asked.
public enum RegistryClientError: Error, Hashable, Sendable {
    /// No such image or blob there.
    case notFound(String)
    /// The one proof of who asks is not believed.
    case unauthenticated(String)
    /// The registry wants to know who asks, or refuses who does.
    case denied(String)
    /// It refuses what was asked.
    case refused(String)
    /// What is there does not fit to what was asked.
    case conflict(String)
    /// There is no room there, or too much was asked for in too short a time.
    case exhausted(String)
    /// It cannot answer, or not now.
    case unavailable(String)
    /// What it says cannot be used: no manifest, not what was named.
    case malformed(String)
    /// Its bytes are not those that the digest names.
    case wrongDigest(expected: String, found: String)
    /// There is no image for this machine behind the name.
    case noPlatform(String)
    /// It could not be asked, or the answer did not come.
    case transport(HTTPClientError)
    case cancelled

    /// What a status that is no success says of something.
    init(_ status: HTTPStatus, _ message: String) {
        self =
            switch status.rawValue {
            case 401: .unauthenticated(message)
            case 403: .denied(message)
            case 404: .notFound(message)
            case 409, 416: .conflict(message)
            case 429, 507: .exhausted(message)
            case 500...: .unavailable(message)
            default: .refused(message)
            }
    }

    /// The failure of a call.
    static func of(_ error: HTTPClientError) -> RegistryClientError {
        error == .cancelled ? .cancelled : .transport(error)
    }

    /// Whether the same may work if it is tried again at once.
    public var isTransient: Bool {
        switch self {
        case .unavailable: true
        case .transport(.malformedResponse), .transport(.tooLarge), .transport(.invalidRequest): false
        case .transport: true
        default: false
        }
    }

    /// The same as everyone's error.
    public var asApolloError: ApolloError {
        switch self {
        case .notFound(let message):
            ApolloError(.notFound, message, hint: "check the name and its tag, and who may read it")
        case .unauthenticated(let message): ApolloError(.unauthenticated, message)
        case .denied(let message):
            ApolloError(
                .denied, message,
                hint: "give a name and a password for the registry in the file of oci.credentials; "
                    + "'apollo image login --file' does, for the platform's own")
        case .refused(let message): ApolloError(.invalid, message)
        case .conflict(let message): ApolloError(.conflict, message)
        case .exhausted(let message): ApolloError(.exhausted, message, hint: "try again later")
        case .unavailable(let message):
            ApolloError(.unavailable, message, hint: "check that the registry can be reached from here")
        case .malformed(let message): ApolloError(.corrupt, message)
        case .wrongDigest(let expected, let found):
            ApolloError(.corrupt, "the registry gave \(found) for \(expected)")
        case .noPlatform(let message):
            ApolloError(.invalid, message, hint: "use an image that is built for this machine")
        case .transport(let error): error.asApolloError
        case .cancelled: ApolloError(.cancelled, "the call was cancelled")
        }
    }
}
