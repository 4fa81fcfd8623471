public import Core

/// Why a registry did not give, or take, what was asked.
public enum RegistryClientError: Error, Hashable, Sendable {
    /// No such image or blob there.
    case notFound(String)
    /// The registry wants to know who asks, or refuses who does.
    case denied(String)
    /// It does not answer, or not now.
    case unavailable(String)
    /// What it says cannot be used: no manifest, not what was named.
    case malformed(String)
    /// Its bytes are not those that the digest names.
    case wrongDigest(expected: String, found: String)
    /// There is no image for this machine behind the name.
    case noPlatform(String)
    case cancelled

    /// The same as everyone's error.
    public var asApolloError: ApolloError {
        switch self {
        case .notFound(let message):
            ApolloError(.notFound, message, hint: "check the name and its tag, and who may read it")
        case .denied(let message):
            ApolloError(
                .denied, message, hint: "give a name and a password for the registry: images.credentials")
        case .unavailable(let message):
            ApolloError(.unavailable, message, hint: "check that the registry can be reached from here")
        case .malformed(let message): ApolloError(.corrupt, message)
        case .wrongDigest(let expected, let found):
            ApolloError(.corrupt, "the registry gave \(found) for \(expected)")
        case .noPlatform(let message):
            ApolloError(.invalid, message, hint: "use an image that is built for this machine")
        case .cancelled: ApolloError(.cancelled, "the call was cancelled")
        }
    }
}
