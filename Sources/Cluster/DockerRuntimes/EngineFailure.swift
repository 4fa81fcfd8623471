import Core
import HTTPClients
import TaskRuntimes

/// Why a call of the engine gave no result.
enum EngineFailure: Error, Hashable {
    /// No answer came.
    case transport(HTTPClientError)
    /// The engine answered with an error.
    case refused(status: Int, message: String)
    /// The answer makes no sense.
    case malformed(String)
    /// What it means is clear already.
    case known(RuntimeError)

    /// The engine says that there is no such thing.
    var isNotFound: Bool {
        if case .refused(404, _) = self { return true }
        return false
    }

    /// The name is taken, or the state does not allow it.
    var isConflict: Bool {
        if case .refused(409, _) = self { return true }
        return false
    }

    var isTimeout: Bool {
        if case .transport(.timedOut(.total, _, _)) = self { return true }
        return false
    }

    /// The connection failed: the engine ended, or begins anew.
    var isTransient: Bool {
        switch self {
        case .transport(.cancelled), .transport(.closed): false
        case .transport: true
        case .refused(let status, _): status == 502 || status == 503
        case .malformed, .known: false
        }
    }

    /// What it means where nothing more is known of `activity`, such as `stopping the container`.
    func runtimeError(_ activity: String) -> RuntimeError {
        switch self {
        case .known(let error):
            return error
        case .transport(.cancelled):
            return .cancelled
        case .transport(.couldNotConnect(let path, "permission denied")):
            return .unavailable(
                "cannot connect to \(path): permission denied",
                hint: "run Apollo as root, or as a user of the group 'docker'")
        case .transport(let error):
            let reason = error.asApolloError
            return .unavailable(
                "\(activity) failed: \(reason.message)", hint: "check that the container engine runs")
        case .refused(let status, let message) where status == 502 || status == 503:
            return .unavailable("\(activity) failed: \(message)", hint: "try again when the engine is up")
        case .refused(_, let message):
            if message.contains("no space left on device") {
                return .exhausted(
                    "\(activity) failed: the engine's disk is full",
                    hint: "remove what is not needed, for example with docker system prune")
            }
            return .failed("\(activity) failed: \(message)")
        case .malformed(let reason):
            return .failed("\(activity) failed: the engine cannot be understood: \(reason)")
        }
    }
}
