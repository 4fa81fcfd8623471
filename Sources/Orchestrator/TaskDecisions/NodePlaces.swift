public import ClusterModel
import Core
import Scheduling

/// Which node has room for which task: the scheduler, in the words of tasks, nodes and attempts.
struct NodePlaces: Sendable {
    private var scheduler: Scheduler
    private var numbers: [NodeID: Scheduler.NodeNumber] = [:]
    /// By the scheduler's numbers.
    private var ids: [NodeID?] = []
    /// How many classes of asks there may be before those without tasks are forgotten.
    private var classLimit = 1024
    private var held: [AttemptID: Holding] = [:]
    /// By the scheduler's numbers.
    private var attempts: [AttemptID?] = []
    /// How many of what is held have which priority, where there are any; in no order, for there are few.
    private var priorities: [(priority: Int, count: Int)] = []
    /// Nodes that may have more room than before, in the order in which they got it.
    private var touched: [NodeID] = []

    private struct Holding: Sendable {
        var placement: Scheduler.PlacementNumber
        var node: NodeID
        var task: TaskID
        var priority: Int
    }

    init(policy: SchedulingPolicy) { scheduler = Scheduler(policy: policy) }

    /// Whether nothing is placed.
    var isEmpty: Bool { held.isEmpty && scheduler.taskCount == 0 }

    /// Takes a node in, or takes in what changed about it.
    mutating func offer(_ node: Node) {
        let offer = Offer(
            capacity: node.capacity.amounts, labels: node.placementLabels, isOpen: node.state == .ready,
            ports: node.ports?.closedRange, firstChoice: node.id.spreading)
        if let number = numbers[node.id] {
            scheduler.update(number, offer)
        } else {
            let number = scheduler.add(offer)
            numbers[node.id] = number
            while ids.count <= number.place { ids.append(nil) }
            ids[number.place] = node.id
        }
        if offer.isOpen { touch(node.id) }
    }

    /// Forgets a node that holds nothing any more.
    mutating func remove(_ node: NodeID) {
        guard let number = numbers.removeValue(forKey: node) else { return }
        ids[number.place] = nil
        scheduler.remove(number)
    }

    /// Counts what changes about nodes and the room they have.
    var changes: UInt64 { scheduler.changes }

    // MARK: Places

    /// Takes the best place there is, for the attempt; nil where there is none.
    mutating func take(for ask: Ask, priority: Int, of task: TaskID, attempt: AttemptID) -> NodeID? {
        if scheduler.classCount > classLimit {
            scheduler.forgetIdle()
            classLimit = max(1024, 2 * scheduler.classCount)
        }
        guard let placement = scheduler.place(ask, priority: priority), let node = ids[placement.node.place]
        else {
            return nil
        }
        note(
            attempt, placement.number,
            Holding(placement: placement.number, node: node, task: task, priority: priority))
        return node
    }

    /// Counts an attempt that is on a node already, or is to come there; once.
    ///
    /// - Parameter ports: those that it has already; nil for those that it asks for.
    mutating func hold(
        _ attempt: AttemptID, on node: NodeID, for ask: Ask, priority: Int, of task: TaskID,
        ports: [HostPort]? = nil
    ) {
        guard held[attempt] == nil, let number = numbers[node] else { return }
        let askClass = scheduler.classify(ask)
        let placement = scheduler.place(askClass, on: number, priority: priority, ports: ports)
        note(
            attempt, placement.number,
            Holding(placement: placement.number, node: node, task: task, priority: priority))
    }

    mutating func release(_ attempt: AttemptID) {
        guard let holding = held.removeValue(forKey: attempt) else { return }
        scheduler.release(holding.placement)
        attempts[holding.placement.place] = nil
        count(holding.priority, by: -1)
        touch(holding.node)
    }

    private mutating func note(
        _ attempt: AttemptID, _ placement: Scheduler.PlacementNumber, _ holding: Holding
    ) {
        held[attempt] = holding
        while attempts.count <= placement.place { attempts.append(nil) }
        attempts[placement.place] = attempt
        count(holding.priority, by: 1)
    }

    private mutating func count(_ priority: Int, by step: Int) {
        guard let place = priorities.firstIndex(where: { $0.priority == priority }) else {
            return priorities.append((priority, step))
        }
        priorities[place].count += step
        if priorities[place].count == 0 { priorities.remove(at: place) }
    }

    // MARK: Ports

    /// The ports that an attempt has, in the order in which it asked for them; number 0 where its node chooses.
    func ports(of attempt: AttemptID) -> [HostPort] {
        held[attempt].map { scheduler.ports(of: $0.placement) } ?? []
    }

    /// Whether nobody else has the ports that an attempt is to have, and there are as many others as it is to be given.
    func hasItsPorts(_ attempt: AttemptID) -> Bool {
        held[attempt].map { scheduler.hasItsPorts($0.placement) } ?? true
    }

    /// It has turned out that an attempt has these.
    mutating func note(_ ports: [HostPort], of attempt: AttemptID) {
        guard let placement = held[attempt]?.placement, scheduler.ports(of: placement) != ports else {
            return
        }
        scheduler.note(ports, of: placement)
    }

    /// Something that is no task has the port of the node, or has it no more.
    mutating func block(_ port: HostPort, on node: NodeID, _ isBlocked: Bool) {
        guard let number = numbers[node] else { return }
        scheduler.block(port, on: number, isBlocked)
        if !isBlocked { touch(node) }
    }

    /// Whether any node would take it now.
    func admitsSomewhere(_ ask: Ask) -> Bool { scheduler.explain(ask).possible > 0 }

    func owner(of attempt: AttemptID) -> TaskID? { held[attempt]?.task }

    /// The attempt ends already.
    mutating func markLeaving(_ attempt: AttemptID) {
        if let placement = held[attempt]?.placement { scheduler.markLeaving(placement) }
    }

    // MARK: Nodes that have more room

    private mutating func touch(_ node: NodeID) {
        if touched.last != node { touched.append(node) }
    }

    var isTouched: Bool { !touched.isEmpty }

    mutating func takeTouched() -> [NodeID] {
        defer { touched.removeAll(keepingCapacity: true) }
        guard touched.count > 1 else { return touched }
        var seen: Set<NodeID> = []
        return touched.filter { seen.insert($0).inserted }
    }

    /// What is free on a node, and its labels.
    func room(on node: NodeID) -> (free: Amounts, labels: [String: String])? {
        numbers[node].map { (scheduler.free(on: $0), scheduler.labels(of: $0)) }
    }

    func labels(of node: NodeID) -> [String: String] { numbers[node].map { scheduler.labels(of: $0) } ?? [:] }

    func admits(_ ask: Ask, on node: NodeID) -> Bool {
        numbers[node].map { scheduler.admits(ask, on: $0) } ?? false
    }

    // MARK: Room for what is more important

    /// Whether anything of a lower priority is on a node: without, no search for it is worth its time.
    func outranks(_ priority: Int) -> Bool { priorities.contains { $0.priority < priority } }

    func room(on node: NodeID, below priority: Int) -> Amounts? {
        numbers[node].map { scheduler.room(on: $0, below: priority) }
    }

    /// The node where room for a task costs others the least, or this very node; and who has to go from there.
    mutating func preempt(
        for ask: Ask, priority: Int, on node: NodeID? = nil
    ) -> (node: NodeID, attempts: [AttemptID])? {
        let askClass = scheduler.classify(ask)
        let found: Scheduler.Preemption?
        if let node {
            found = numbers[node].flatMap { scheduler.preempt(for: askClass, priority: priority, on: $0) }
        } else {
            found = scheduler.preempt(for: askClass, priority: priority)
        }
        guard let found, let place = ids[found.node.place] else { return nil }
        return (place, found.victims.compactMap { attempts[$0.place] })
    }

    func explain(_ ask: Ask, thoroughly: Bool = false) -> Explanation {
        scheduler.explain(ask, thoroughly: thoroughly)
    }

    func obstacles(for ask: Ask) -> (obstacles: [Explanation.Count], nodes: Int) {
        scheduler.obstacles(for: ask)
    }

    /// What keeps a task off a node; nil for nothing, and for a node that is not there.
    func obstacle(for ask: Ask, on node: NodeID) -> Explanation.Obstacle? {
        numbers[node].flatMap { scheduler.obstacle(for: ask, on: $0) }
    }
}

extension TaskSpec {
    /// What it asks of a node's room.
    var amounts: Amounts {
        Amounts(
            cpuMillis: resources.cpuMillis ?? 0, memory: resources.memory?.bytes ?? 0,
            disk: resources.disk?.bytes ?? 0, gpus: Int64(resources.gpus ?? 0), tasks: 1)
    }

    /// What it asks of a node. Which runtimes a node has is a label, like all else that constraints look at.
    func ask(in project: String) -> Ask {
        // Groups are a project's own.
        let group = spread == nil && !apart ? "" : "\(project)/\(group ?? "")"
        let basic = runtime.constraints
        return Ask(
            amounts: amounts, constraints: constraints.isEmpty ? basic : basic + constraints,
            affinities: affinities,
            spread: spread.map { Spread(over: $0.over, group: group, maximumSkew: $0.maximumSkew) },
            apartFrom: apart ? group : nil, ports: ports.map(\.hostPort))
    }
}

extension RuntimeKind {
    private static let docker = [Constraint("runtime.\(Self.docker.rawValue)", .exists)]
    private static let oci = [Constraint("runtime.\(Self.oci.rawValue)", .exists)]
    private static let process = [Constraint("runtime.\(Self.process.rawValue)", .exists)]

    /// What a node must be to run anything of this kind.
    fileprivate var constraints: [Constraint] {
        switch self {
        case .docker: Self.docker
        case .oci: Self.oci
        case .process: Self.process
        }
    }
}

extension TaskRecord {
    /// What it asks of a node, wherever its volumes are.
    var ask: Ask { spec.ask(in: project) }
}

extension Node {
    /// The labels that people gave it, and what constraints can ask of any node: `node.name`, `node.architecture`,
    /// `node.os`, and `runtime.<kind>` for each runtime that can be used.
    public var placementLabels: [String: String] {
        var all = labels
        all.reserveCapacity(labels.count + 4 + runtimes.count)
        all["node.name"] = name
        all[VolumeTable.nodeLabel] = id.text
        all["node.architecture"] = architecture
        all["node.os"] = operatingSystem
        for runtime in runtimes where runtime.isAvailable {
            all["runtime.\(runtime.kind.rawValue)"] = runtime.detail
        }
        return all
    }
}

extension NodeID {
    /// A number that is another for nearly every node, and always the same (FNV-1a, 64 bits).
    fileprivate var spreading: UInt64 {
        text.utf8.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
    }
}

extension Capacity {
    var amounts: Amounts {
        Amounts(
            cpuMillis: cpuMillis, memory: memory.bytes, disk: disk.bytes, gpus: Int64(gpus),
            tasks: Int64(tasks))
    }
}
