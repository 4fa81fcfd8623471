import Arguments
import ClusterModel
import Core
import PlatformClients

/// `apollo task events`.
enum TaskEventsCommand {
    static let handle = Parameter.optionalArgument(
        TaskCommand.handle, help: "The task; all of them unless given.")

    static let command = Command(
        "events", summary: "Follow how tasks change",
        discussion: "Prints a line whenever a task of the project changes, until you interrupt it.",
        parameters: [handle],
        examples: [
            Example("every task", "apollo task events"),
            Example("what becomes of one", "apollo task events web"),
        ],
        seeAlso: ["apollo events", "apollo task wait"]
    ) { invocation in
        let wanted = invocation[handle]
        try await EventsCommand.follow(Session(invocation), isProjectGiven: true) { subject in
            switch subject {
            case .task(let task): wanted.map { $0 == task.name || $0 == task.id.text } ?? true
            case .removedTask(let id, _): wanted.map { $0 == id } ?? true
            case .job, .removedJob, .node, .leader, .missed: false
            }
        }
        return .success
    }
}
