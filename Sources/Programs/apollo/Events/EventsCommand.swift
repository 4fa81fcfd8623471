import APIMessages
import Arguments
import ClusterModel
import Core
import PlatformClients
import Terminal

/// `apollo events`, and what it shares with `apollo task events`.
enum EventsCommand {
    static let command = Command(
        "events", summary: "Follow what changes: tasks, jobs and nodes",
        discussion: """
            Prints a line whenever a task, a job or a node changes, of every project you may list, or of the one that --project \
            names, until you interrupt it. With --output json each line is an object with the event's name and what changed.
            """,
        examples: [
            Example("all that happens", "apollo events"),
            Example(
                "the names of tasks as they fail",
                "apollo events -o json | jq -r 'select(.data.state==\"failed\").data.name'"),
        ],
        seeAlso: ["apollo task events"]
    ) { invocation in
        try await follow(Session(invocation), isProjectGiven: invocation.isGiven(GlobalOptions.project)) {
            _ in true
        }
        return .success
    }

    /// Prints what changes and `isWanted`, until the platform ends.
    static func follow(
        _ session: Session, isProjectGiven: Bool, _ isWanted: (PlatformEvents.Change.Subject) -> Bool
    ) async throws {
        try await session.withClient { client in
            var events = try await client.events(ofOneProject: isProjectGiven)
            while let change = try await events.next() {
                if case .missed(let count) = change.subject {
                    try session.errors.write(
                        "apollo: \(count) changes were missed: they came faster than they were read\n")
                } else if isWanted(change.subject) {
                    try session.output.write(text(change, session))
                }
            }
        }
    }

    private static func text(_ change: PlatformEvents.Change, _ session: Session) -> String {
        guard session.format == .table else {
            return "{\"event\":\"\(change.event)\",\"data\":\(change.json)}\n"
        }
        let what =
            switch change.subject {
            case .task(let task):
                "task \(scope(task.project))\(task.name) is \(task.state.rawValue)"
                    + (task.reason.isEmpty ? "" : ": \(task.reason.printable)")
                    + (task.health.map { "; \($0.state.rawValue): \($0.reason.printable)" } ?? "")
            case .removedTask(let id, let project): "task \(scope(project))\(id) is removed"
            case .job(let job):
                "job \(scope(job.project))\(job.name) is \(job.state)"
                    + (job.reason.isEmpty ? "" : ": \(job.reason.printable)")
            case .removedJob(let name, let project): "job \(scope(project))\(name) is removed"
            case .node(let node):
                "node \(node.name) is \(node.state.rawValue), with "
                    + (node.runtimes.filter(\.isAvailable).map(\.kind.rawValue).joined(separator: " and "))
            case .leader(let manager):
                "manager \(manager.name) leads" + (manager.epoch.map { ", with epoch \($0)" } ?? "")
            case .missed: ""
            }
        return "\(session.now) \(what)\n"
    }

    private static func scope(_ project: String) -> String { project == "default" ? "" : project + "/" }
}
