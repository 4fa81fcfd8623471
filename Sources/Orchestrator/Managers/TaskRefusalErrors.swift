import ClusterModel
import Core
import TaskDecisions

extension TaskRefusal {
    /// The refusal as everyone's error.
    func asApolloError(kind: RuntimeKind? = nil) -> ApolloError {
        switch self {
        case .unknownTask:
            ApolloError(.notFound, "no such task", hint: "'apollo task ps --all' lists them")
        case .nameTaken(let name, let holder):
            ApolloError(
                .exists, "a task named '\(name)' exists already (\(holder))",
                hint: "choose another name, or remove it with 'apollo task rm \(name)'",
                fields: [FieldError(path: "name", message: "is taken")])
        case .wrongState(let state, let wanted):
            ApolloError(
                .conflict, "the task is \(state.rawValue); it would have to be \(wanted)",
                hint: "stop it first with 'apollo task stop', or use 'apollo task rm --force'")
        case .full(let limit):
            ApolloError(
                .exhausted, "\(limit) tasks are unfinished, as many as the platform takes",
                hint: "wait for some to finish, or raise tasks.maximum")
        case .noRuntime(let kind, let detail):
            ApolloError(
                .conflict, "no node can run \(kind.tasks): \(detail)",
                hint: Self.remedy(kind),
                fields: kind == .docker
                    ? [FieldError(path: "image", message: "needs a container engine")] : [])
        }
    }

    private static func remedy(_ kind: RuntimeKind) -> String {
        switch kind {
        case .docker:
            "start a container engine (Debian: apt install docker.io), set oci.enabled where there is runc, or run an executable with --exec"
        case .oci:
            "set oci.enabled to true where Apollo runs as root and there is runc (Debian: apt install runc); 'apollo doctor --check oci' says what is missing"
        case .process: "see 'apollo node ls'"
        }
    }
}
