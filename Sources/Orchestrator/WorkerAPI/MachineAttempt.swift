import ClusterModel
import Core
import Documents
import TaskDecisions

/// An attempt on a machine, as its worker finds it.
struct MachineAttempt: Hashable, Sendable, Codable {
    var attempt: AttemptID
    var task: TaskID
    var runtime: RuntimeKind
    var state: Attempt.State
    var startedAt: Timestamp
    var ports: [PortMapping]
    /// Of one that ended; the code is absent where nobody saw it end.
    var endedAt: Timestamp?
    var exitCode: Int32?
    var reason: String?

    init(_ found: FoundAttempt) {
        attempt = found.attempt
        task = found.task
        runtime = found.runtime
        state = found.exit == nil ? .running : .ended
        startedAt = found.startedAt
        ports = found.ports
        endedAt = found.exit?.endedAt
        exitCode = found.exit?.code
        reason = found.exit?.reason
    }
}

extension MachineAttempt: SchemaProviding {
    static var schema: Schema {
        .object(
            "An attempt on a machine.",
            [
                .required("attempt", .string(.identifier)), .required("task", .string(.identifier)),
                .required("runtime", .values(RuntimeKind.self)),
                .required("state", .values(Attempt.State.self)),
                .required("startedAt", .string(.timestamp)),
                .required("ports", .array(.of(PortMapping.self))),
                .optional("endedAt", .string(.timestamp)),
                .optional("exitCode", .integer(0...255), "128 plus its number for a signal."),
                .optional("reason", .string),
            ])
    }
}

/// All attempts on a machine.
struct MachineAttempts: Codable {
    var items: [MachineAttempt]
}
