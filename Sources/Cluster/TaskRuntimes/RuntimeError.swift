public import ClusterModel
public import Core

/// Why a runtime could not do something.
public enum RuntimeError: Error, Hashable, Sendable {
    /// The engine or what else it stands on does not answer. Trying later may work.
    case unavailable(String, hint: String)
    /// The attempt can never start as specified: no such image, no such command, a mount that is not there.
    case rejected(String, hint: String?)
    /// The machine is out of something: disk, memory, ports.
    case exhausted(String, hint: String?)
    /// A port of the machine that the attempt was to have is in use.
    case portInUse(PortMapping)
    /// No such attempt here.
    case unknownAttempt
    /// The attempt has ended.
    case ended
    /// The attempt still runs.
    case stillRunning
    /// The caller was cancelled.
    case cancelled
    /// A fault that is none of the above.
    case failed(String)

    /// The same as everyone's error.
    public var asApolloError: ApolloError {
        switch self {
        case .unavailable(let message, let hint): ApolloError(.unavailable, message, hint: hint)
        case .rejected(let message, let hint): ApolloError(.invalid, message, hint: hint)
        case .exhausted(let message, let hint): ApolloError(.exhausted, message, hint: hint)
        case .portInUse(let port):
            ApolloError(
                .exhausted,
                "port \(port.hostPort) of \(port.address) is in use by a program that is no task of this platform",
                hint: "ask for another, or for none, so that one is chosen")
        case .unknownAttempt: ApolloError(.notFound, "the runtime has no such attempt")
        case .ended: ApolloError(.conflict, "the attempt has ended")
        case .stillRunning: ApolloError(.conflict, "the attempt still runs", hint: "stop it first")
        case .cancelled: ApolloError(.cancelled, "the call was cancelled")
        case .failed(let message): ApolloError(.internal, message)
        }
    }
}

extension RuntimeError {
    /// What any error means to who asked a runtime: itself, where it is one.
    public init(_ error: any Error) {
        switch error {
        case let error as RuntimeError: self = error
        case is CancellationError: self = .cancelled
        case let error as ApolloError where error.kind == .exhausted:
            self = .exhausted(error.message, hint: error.hint)
        case let error as ApolloError: self = .failed(error.message)
        default: self = .failed("\(error)")
        }
    }
}
