import Core
import ImageClients
import TaskRuntimes

extension RegistryClientError {
    /// The same to those who start an attempt.
    var runtimeError: RuntimeError {
        let error = asApolloError
        switch self {
        case .cancelled: return .cancelled
        case .unavailable, .exhausted: return .unavailable(error.message, hint: error.hint ?? "try again")
        case .transport where isTransient:
            return .unavailable(error.message, hint: error.hint ?? "try again")
        case .transport, .notFound, .unauthenticated, .denied, .refused, .conflict, .malformed, .wrongDigest,
            .noPlatform:
            return .rejected(error.message, hint: error.hint)
        }
    }
}

extension LayerError {
    func runtimeError(_ what: String) -> RuntimeError {
        switch self {
        case .refused, .wrongDigest: .rejected("a layer of \(what) cannot be used: \(self)", hint: nil)
        case .tooLarge(_, let setting):
            .rejected("\(what) is too large: \(self)", hint: "raise \(setting), if you trust it")
        case .noRoom(let message):
            .exhausted(
                "there is no room for \(what): \(message)", hint: "make room on the disk of Apollo's data")
        case .failed(let message): .failed(message)
        }
    }
}
