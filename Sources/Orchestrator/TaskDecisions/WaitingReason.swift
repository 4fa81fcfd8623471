import ClusterModel
import Core
import Scheduling

/// Why a task waits for a place: node by node where there are few, by what rules them out where there are many. What is the same here is
/// the same in words, which take much longer to make.
enum WaitingReason: Equatable, Sendable {
    case each([Lack])
    case counted([Explanation.Count], nodes: Int)

    /// What one node lacks.
    struct Lack: Equatable, Sendable {
        enum Kind: Equatable, Sendable {
            case obstacle(Explanation.Obstacle)
            case state(Node.State, reason: String?)
            case label(Constraint, value: String?)
            case noRuntime(RuntimeKind)
            case runtime(RuntimeKind, detail: String)
            case full
            /// Of `free` and `whole` amounts, `kept` for others.
            case short(Explanation.Resource, free: Int64, whole: Int64, kept: Int64, asked: Int64)
        }

        var node: String
        var kind: Kind
    }

    /// More nodes than this are counted rather than named. Figures that change all the time are then left out, too: the
    /// reason of a waiting task would have to be stored with each of them.
    private static let named = 3

    static func of(_ ask: Ask, on nodes: [NodeID: Node], in places: NodePlaces) -> WaitingReason {
        guard nodes.count <= named else {
            let (obstacles, count) = places.obstacles(for: ask)
            return .counted(obstacles, nodes: count)
        }
        return .each(
            nodes.keys.sorted().map { id in
                let node = nodes[id]!
                switch places.obstacle(for: ask, on: id) {
                case .some(let obstacle) where obstacle.isOfOthers:
                    return Lack(node: node.name, kind: .obstacle(obstacle))
                default: return Lack(of: node, places.labels(of: id), for: ask)
                }
            })
    }

    var text: String {
        switch self {
        case .each(let lacks): Self.text(of: lacks)
        // Such as `of 12 nodes 9 have too little memory free, 3 take no new tasks`.
        case .counted(let obstacles, let nodes):
            "waiting for room: of \(nodes) nodes "
                + obstacles.map { "\($0.nodes) \(Self.phrase($0.obstacle, plural: $0.nodes != 1))" }
                .joined(separator: ", ")
        }
    }

    /// Written in one go: it is what a manager says most.
    private static func text(of lacks: [Lack]) -> String {
        var text = "waiting for room: "
        text.reserveCapacity(64 * (lacks.count + 1))
        for (number, lack) in lacks.enumerated() {
            if number > 0 { text += "; " }
            text += lack.node
            text += " "
            lack.write(to: &text)
        }
        return text
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

    /// The runtime that a constraint asks for, if that is what it does.
    fileprivate static func runtime(of constraint: Constraint) -> RuntimeKind? {
        guard constraint.label.hasPrefix("runtime.") else { return nil }
        return RuntimeKind(rawValue: String(constraint.label.dropFirst("runtime.".count)))
    }

    fileprivate static func amount(_ value: Int64, of resource: Explanation.Resource) -> String {
        switch resource {
        case .cpu: cores(value)
        case .memory, .disk: ByteCount(value).description
        case .gpus, .tasks: String(value)
        }
    }

    fileprivate static func unit(_ resource: Explanation.Resource) -> String {
        resource == .cpu ? "cores" : name(resource)
    }

    /// Thousandths as a decimal fraction, without zeros at its end.
    private static func cores(_ millis: Int64) -> String {
        guard millis % 1000 != 0 else { return String(millis / 1000) }
        var (fraction, digits) = (abs(millis % 1000), 3)
        while fraction % 10 == 0 { (fraction, digits) = (fraction / 10, digits - 1) }
        let whole = String(abs(millis / 1000))
        let zeros = String(repeating: "0", count: digits - String(fraction).utf8.count)
        return (millis < 0 ? "-" : "") + whole + "." + zeros + String(fraction)
    }
}

extension WaitingReason.Lack {
    /// What `node` lacks for `ask`.
    fileprivate init(of node: Node, _ labels: [String: String], for ask: Ask) {
        self.init(node: node.name, kind: Self.kind(of: node, labels, for: ask))
    }

    private static func kind(of node: Node, _ labels: [String: String], for ask: Ask) -> Kind {
        guard node.state == .ready else { return .state(node.state, reason: node.reason) }
        if let unmet = ask.constraints.first(where: { !$0.holds(for: labels) }) {
            guard unmet.label != VolumeTable.nodeLabel else { return .obstacle(.constraint(unmet)) }
            guard let kind = WaitingReason.runtime(of: unmet) else {
                return .label(unmet, value: labels[unmet.label])
            }
            guard let runtime = node.runtimes.first(where: { $0.kind == kind }) else {
                return .noRuntime(kind)
            }
            return .runtime(kind, detail: runtime.detail)
        }
        let (free, asked) = (node.free.amounts, ask.amounts)
        guard let short = Explanation.Resource.allCases.first(where: { asked[$0] > free[$0] }) else {
            return .full
        }
        return .short(
            short, free: free[short], whole: node.capacity.amounts[short],
            kept: node.reserved?.amounts[short] ?? 0, asked: asked[short])
    }

    fileprivate func write(to text: inout String) {
        switch kind {
        case .obstacle(let obstacle): text += WaitingReason.phrase(obstacle, plural: false)
        case .state(let state, let reason):
            text += "is "
            text += state.rawValue
            if let reason { text += " (\(reason))" }
        case .label(let unmet, let value):
            text += "is not '\(unmet)': \(unmet.label) is \(value.map { "'\($0)'" } ?? "absent")"
        case .noRuntime(let kind): text += "does not run \(kind.tasks)"
        case .runtime(let kind, let detail): text += "cannot run \(kind.tasks) now: \(detail)"
        case .full: text += "has no room"
        case .short(let resource, let free, let whole, let kept, let asked):
            func write(_ value: Int64) { text += WaitingReason.amount(value, of: resource) }
            func writeKept() {
                guard kept > 0 else { return }
                text += " ("
                write(kept)
                text += " kept for a higher priority)"
            }
            guard resource != .tasks else {
                text += "runs as many tasks as it may"
                return writeKept()
            }
            text += "has "
            write(free)
            text += " of "
            write(whole)
            text += " "
            text += WaitingReason.unit(resource)
            text += " free"
            writeKept()
            text += ", asked are "
            write(asked)
        }
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
