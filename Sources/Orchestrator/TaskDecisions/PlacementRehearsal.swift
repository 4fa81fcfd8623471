public import ClusterModel
public import Core
import Scheduling

/// A copy of the room that the nodes have, to try placements on. A plain value.
public struct PlacementRehearsal: Sendable {
    public enum Place: Hashable, Sendable {
        /// On the node of this name; tasks of a lower priority that would have to go.
        case node(String, evicts: [TaskID])
        case waits(String)
    }

    private var places: NodePlaces
    private var nodes: [NodeID: Node]
    private let project: String
    private var held: [TaskID: (attempt: AttemptID, node: NodeID, resources: Resources)]
    /// What ends without anybody's being evicted: their tasks have given it up.
    private let remnants: Set<AttemptID>
    private var volumes: VolumeTable
    private var made: UInt64 = 0

    init(_ core: TaskCore, project: String, tasks: [TaskID]) {
        places = core.places
        volumes = core.volumeTable
        nodes = core.nodes
        self.project = project
        remnants = Set(core.remnants.keys)
        held = [:]
        for task in tasks {
            guard let attempt = core.tasks[task]?.current, attempt.state != .ended else { continue }
            held[task] = (attempt.id, attempt.node, core.tasks[task]?.spec.resources ?? Resources())
        }
    }

    /// Takes a place for a task that would be made: a free one, or one that others of a lower priority would have to leave.
    public mutating func place(_ task: TaskID, _ spec: TaskSpec) -> Place {
        made += 1
        let attempt = AttemptID(time: Timestamp(microseconds: 0), random: made)
        let ask = volumes.ask(of: spec, in: project)
        if let node = places.take(for: ask, priority: spec.priority, of: task, attempt: attempt) {
            return settle(task, spec, attempt, on: node, evicting: [])
        }
        if places.outranks(spec.priority), let found = places.preempt(for: ask, priority: spec.priority) {
            let owners = found.attempts.filter { !remnants.contains($0) }.compactMap { places.owner(of: $0) }
            for victim in found.attempts { places.release(victim) }
            for owner in owners { held[owner] = nil }
            places.hold(attempt, on: found.node, for: ask, priority: spec.priority, of: task)
            return settle(task, spec, attempt, on: found.node, evicting: owners)
        }
        return .waits(WaitingReason.of(ask, on: nodes, in: places).text)
    }

    private mutating func settle(
        _ task: TaskID, _ spec: TaskSpec, _ attempt: AttemptID, on node: NodeID, evicting: [TaskID]
    ) -> Place {
        held[task] = (attempt, node, spec.resources)
        volumes.bind(spec.volumes(in: project), to: node)
        nodes[node]?.allocate(spec.resources)
        return .node(nodes[node]?.name ?? node.text, evicts: evicting)
    }

    /// Gives back what a task has.
    public mutating func release(_ task: TaskID) {
        guard let place = held.removeValue(forKey: task) else { return }
        places.release(place.attempt)
        nodes[place.node]?.allocate(place.resources, sign: -1)
    }

    public func node(of task: TaskID) -> String? { held[task].flatMap { nodes[$0.node]?.name } }
}

extension TaskCore {
    /// A copy of its room; `tasks` are those of the project that may be released on it.
    public func rehearsal(project: String, tasks: [TaskID]) -> PlacementRehearsal {
        PlacementRehearsal(self, project: project, tasks: tasks)
    }
}
