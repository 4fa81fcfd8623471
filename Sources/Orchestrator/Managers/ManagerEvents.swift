import Buses
public import ClusterModel
public import Core
import Documents
import Synchronization
import TaskDecisions

/// What a manager says on the bus, about what is stored.
public enum ManagerEvents {
    /// All of it.
    public static let tasks = "tasks.>"
    public static let nodes = "nodes.>"

    /// The tasks of one project.
    public static func tasks(in project: String) -> String { "tasks.\(project).>" }

    /// What became of a task that is forgotten.
    public struct Removal: Hashable, Sendable, Codable {
        public var id: TaskID
        public var project: String

        public init(id: TaskID, project: String) {
            self.id = id
            self.project = project
        }
    }
}

extension Manager {
    /// Has `changed` called after tasks were stored or forgotten, and with none after nodes change. It must not block.
    public func onChange(_ changed: @escaping @Sendable ([TaskID]) -> Void) {
        listeners.withLock { $0.append(changed) }
    }

    /// Says what was stored: `tasks.<project>.<id>.state` with the record, `tasks.<project>.<id>.removed`. Of several states
    /// that were stored at once only the last is said.
    func announce(_ changes: [StoredChange]) {
        let tasks = changes.map(\.change.task)
        for listener in listeners.withLock({ $0 }) { listener(tasks) }
        guard bus != nil else { return }
        for stored in changes {
            switch stored.change {
            case .put(let record): say(["tasks", record.project, record.id.text, "state"], stored.json)
            case .delete(let id, let project):
                say(
                    ["tasks", project, id.text, "removed"],
                    json(ManagerEvents.Removal(id: id, project: project)))
            }
        }
    }

    /// Says what a node is now: `nodes.<id>.state`.
    func announce(_ node: Node) {
        for listener in listeners.withLock({ $0 }) { listener([]) }
        guard bus != nil else { return }
        say(["nodes", node.id.text, "state"], json(node))
    }

    private func json(_ value: some Encodable) -> [UInt8] {
        do {
            return try JSONWriter.bytes(encoding: value)
        } catch {
            // Strings, integers and finite numbers only.
            preconditionFailure("an event does not encode: \(error)")
        }
    }

    private func say(_ tokens: [String], _ payload: [UInt8]) {
        guard let bus, let subject = Subject(tokens) else { return }
        do throws(BusError) {
            try bus.publish(subject, payload)
        } catch {
            // Whoever listens finds out by looking: the database has it.
            note("a change could not be told on the bus: \(error.asApolloError)")
        }
    }
}
