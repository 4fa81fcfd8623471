import ClusterModel
import Core
import Scheduling

/// Why a task waits for a place, in words: node by node where there are few, by what rules them out where there are many.
enum WaitingReason {
    /// More nodes than this are counted rather than named. Figures that change all the time are then left out, too: the
    /// reason of a waiting task would have to be stored with each of them.
    private static let named = 3

    static func text(for ask: Ask, on nodes: [NodeID: Node], in places: NodePlaces) -> String {
        guard nodes.count > named else {
            let lacks = nodes.values.sorted { $0.id < $1.id }.map { node in
                switch places.obstacle(for: ask, on: node.id) {
                case .some(let obstacle) where obstacle.isOfOthers:
                    "\(node.name) \(phrase(obstacle, plural: false))"
                default: "\(node.name) \(lack(of: node, places.labels(of: node.id), for: ask))"
                }
            }
            return "waiting for room: \(lacks.joined(separator: "; "))"
        }
        return "waiting for room: " + summary(places.explain(ask))
    }

    /// Counts what rules nodes out: `of 12 nodes 9 have too little memory free, 3 take no new tasks`.
    static func summary(_ explanation: Explanation) -> String {
        let parts = explanation.obstacles.map { "\($0.nodes) \(phrase($0.obstacle, plural: $0.nodes != 1))" }
        return "of \(explanation.nodes) nodes \(parts.joined(separator: ", "))"
    }

    static func phrase(_ obstacle: Explanation.Obstacle, plural: Bool) -> String {
        let (have, are, take) = plural ? ("have", "are", "take") : ("has", "is", "takes")
        switch obstacle {
        case .closed: return "\(take) no new tasks"
        case .constraint(let constraint) where constraint.label.hasPrefix("runtime."):
            return "cannot run \(runtime(of: constraint)?.tasks ?? "it") now"
        case .constraint(let constraint) where constraint.label == VolumeTable.nodeLabel:
            return "\(are) not where its volumes are"
        case .constraint(let constraint): return "\(are) not '\(constraint)'"
        case .apart(let group): return "\(have) one of \(plain(group)) already"
        case .skewed(let label): return "\(have) a \(label) with more of its group than others"
        case .port(let port): return "\(have) port \(port) taken"
        case .foreignPort(let port): return "\(have) port \(port) in use by another program"
        case .portsUsedUp: return "\(have) too few ports left to choose from"
        case .tooSmall(let resource): return "\(are) too small: \(name(resource))"
        case .full(.tasks): return "\(plural ? "run" : "runs") as many tasks as they may"
        case .full(let resource): return "\(have) too little \(name(resource)) free"
        }
    }

    /// What would make room, for each obstacle that somebody can do something about; then what has to be done as well.
    static func remedies(for spec: TaskSpec, _ explanation: Explanation) -> [String] {
        let first = explanation.obstacles.map(\.obstacle)
        let then = explanation.besides.map(\.obstacle).filter { !first.contains($0) }
        return first.map { remedy($0, spec, explanation) }
            + then.map { "and then: " + remedy($0, spec, explanation) }
    }

    private static func remedy(
        _ obstacle: Explanation.Obstacle, _ spec: TaskSpec, _ explanation: Explanation
    ) -> String {
        switch obstacle {
        case .closed: "take nodes back into service"
        case .constraint(let constraint) where constraint.label.hasPrefix("runtime."):
            switch spec.runtime {
            case .docker: "start a container engine; 'apollo doctor' says what is missing"
            case .oci: "install runc and run Apollo as root; 'apollo doctor' says what is missing"
            case .process: "allow processes: process.enabled"
            }
        case .constraint(let constraint) where constraint.label == VolumeTable.nodeLabel:
            "make room on the node with its volumes ('apollo volume ls'), or use others"
        case .constraint(let constraint) where constraint.label.hasPrefix("node."):
            "drop the constraint '\(constraint)', or add such a node"
        case .constraint(let constraint):
            "drop the constraint '\(constraint)', or label a node so: 'apollo node label NODE NAME=VALUE'"
        case .apart(let group): "add nodes, or let those of \(plain(group)) share one: apart"
        case .skewed(let label): "make room where '\(label)' has fewer, or allow more: spread.maximumSkew"
        case .port(let port):
            "ask for another port than \(port), or for none, so that one is chosen; add nodes; or give it a higher priority than the task that has it"
        case .foreignPort(let port):
            "end what has port \(port) there, or ask for another; it is looked at again from time to time"
        case .portsUsedUp: "give the nodes more ports (node.ports), or add nodes"
        case .tooSmall(let resource): "ask for less \(name(resource)), or add a larger node"
        case .full(.tasks): "stop tasks, or add nodes"
        case .full(let resource): full(resource, spec, explanation)
        }
    }

    private static func full(
        _ resource: Explanation.Resource, _ spec: TaskSpec, _ explanation: Explanation
    ) -> String {
        guard let most = explanation.mostFree[resource] else { return "stop tasks, or add nodes" }
        let amount: String =
            switch resource {
            case .cpu: "\(cores(max(0, most))) cores"
            case .memory, .disk: "\(ByteCount(max(0, most))) of \(name(resource))"
            case .gpus, .tasks: "\(max(0, most)) \(name(resource))"
            }
        return "ask for no more than \(amount), the most that is free on one node; stop tasks, or add nodes"
    }

    /// A group without its project.
    private static func plain(_ group: String) -> Substring { group.drop { $0 != "/" }.dropFirst() }

    private static func name(_ resource: Explanation.Resource) -> String {
        switch resource {
        case .cpu: "CPU"
        case .memory: "memory"
        case .disk: "disk"
        case .gpus: "GPUs"
        case .tasks: "tasks"
        }
    }

    /// What `node` lacks for `ask`.
    private static func lack(of node: Node, _ labels: [String: String], for ask: Ask) -> String {
        guard node.state == .ready else {
            return "is \(node.state.rawValue)" + (node.reason.map { " (\($0))" } ?? "")
        }
        if let unmet = ask.constraints.first(where: { !$0.holds(for: labels) }) {
            guard unmet.label != VolumeTable.nodeLabel else {
                return phrase(.constraint(unmet), plural: false)
            }
            guard let kind = runtime(of: unmet) else {
                let value = labels[unmet.label].map { "'\($0)'" } ?? "absent"
                return "is not '\(unmet)': \(unmet.label) is \(value)"
            }
            guard let runtime = node.runtimes.first(where: { $0.kind == kind }) else {
                return "does not run \(kind.tasks)"
            }
            return "cannot run \(kind.tasks) now: \(runtime.detail)"
        }
        let (free, asked) = (node.free.amounts, ask.amounts)
        guard let short = Explanation.Resource.allCases.first(where: { asked[$0] > free[$0] }) else {
            return "has no room"
        }
        guard short != .tasks else { return "runs as many tasks as it may" + kept(short, on: node) }
        let whole = node.capacity.amounts
        return
            "has \(amount(free[short], of: short)) of \(amount(whole[short], of: short)) \(unit(short)) free"
            + kept(short, on: node) + ", asked are \(amount(asked[short], of: short))"
    }

    /// What is kept there for others.
    private static func kept(_ resource: Explanation.Resource, on node: Node) -> String {
        guard let reserved = node.reserved?.amounts[resource], reserved > 0 else { return "" }
        return " (\(amount(reserved, of: resource)) kept for a higher priority)"
    }

    /// The runtime that a constraint asks for, if that is what it does.
    private static func runtime(of constraint: Constraint) -> RuntimeKind? {
        guard constraint.label.hasPrefix("runtime.") else { return nil }
        return RuntimeKind(rawValue: String(constraint.label.dropFirst("runtime.".count)))
    }

    private static func amount(_ value: Int64, of resource: Explanation.Resource) -> String {
        switch resource {
        case .cpu: cores(value)
        case .memory, .disk: "\(ByteCount(value))"
        case .gpus, .tasks: "\(value)"
        }
    }

    private static func unit(_ resource: Explanation.Resource) -> String {
        resource == .cpu ? "cores" : name(resource)
    }

    private static func cores(_ millis: Int64) -> String {
        millis % 1000 == 0 ? "\(millis / 1000)" : "\(Double(millis) / 1000)"
    }
}

extension Explanation.Obstacle {
    /// Whether it is what others have there that rules the node out, and no want of room.
    fileprivate var isOfOthers: Bool {
        switch self {
        case .apart, .skewed, .port, .foreignPort, .portsUsedUp: true
        case .closed, .constraint, .tooSmall, .full: false
        }
    }
}
