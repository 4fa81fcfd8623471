public import ClusterModel
public import Core
import Scheduling

/// A task that would do better on another node.
public struct RebalanceMove: Hashable, Sendable, Codable {
    public var task: TaskID
    public var name: String
    public var project: String
    /// Nodes, by their names.
    public var from: String
    public var to: String
    /// What it is good for, in words.
    public var reason: String
    var source: NodeID
    var target: NodeID
}

/// Which tasks to move so that nodes are evenly full: a plain value, made anew for every look.
///
/// A node is as full as the scarcest of what its tasks have asked for (CPU, memory, GPUs): its dominant share. What is moved goes from
/// the fullest node on which something helps to the node that is then the least full, and only where the fuller of the two is then
/// less full than before by ``leastGain``; what asks for nothing goes where there are fewer tasks by two at least. So a plan that is
/// carried out leaves less to do, and comes to an end.
struct RebalancePlan {
    /// A move has to make this much of a difference, as a share of a node.
    static let leastGain = 0.05
    /// How many nodes and tasks are looked at for each move: those with the most to gain.
    private static let (widestNodes, widestTasks) = (16, 512)

    /// What a node has, and what its tasks ask for, as it would be.
    private struct Load {
        var node: Node
        var used: Amounts

        var share: Double { share(adding: .zero, 1) }

        func share(adding amounts: Amounts, _ sign: Int64) -> Double {
            func part(_ used: Int64, _ amount: Int64, _ whole: Int64) -> Double {
                whole > 0 ? Double(used + sign * amount) / Double(whole) : 0
            }
            let capacity = node.capacity.amounts
            return max(
                part(used.cpuMillis, amounts.cpuMillis, capacity.cpuMillis),
                part(used.memory, amounts.memory, capacity.memory),
                part(used.gpus, amounts.gpus, capacity.gpus))
        }

        mutating func add(_ amounts: Amounts, _ sign: Int64) {
            used.add(
                Amounts(
                    cpuMillis: sign * amounts.cpuMillis, memory: sign * amounts.memory,
                    disk: sign * amounts.disk, gpus: sign * amounts.gpus, tasks: sign * amounts.tasks))
        }

        func fits(_ amounts: Amounts) -> Bool {
            var after = used
            after.add(amounts)
            return after.fits(in: node.capacity.amounts)
        }
    }

    private let core: TaskCore
    private var loads: [NodeID: Load] = [:]
    /// Services of which one moves already, by their places in the list.
    private var moving: Set<Int> = []
    private var serviceOf: [TaskID: Int] = [:]
    private let services: [[TaskID]]

    /// - Parameter services: the tasks that do the same work, for each service; they stand in for one another.
    init(_ core: TaskCore, services: [[TaskID]]) {
        self.core = core
        self.services = services
        for node in core.nodes.values where node.state == .ready {
            loads[node.id] = Load(node: node, used: node.allocated.amounts)
        }
        for (number, tasks) in services.enumerated() {
            for task in tasks { serviceOf[task] = number }
        }
    }

    /// The next moves, at most `limit`, the one that helps the most first.
    mutating func moves(upTo limit: Int) -> [RebalanceMove] {
        var moves: [RebalanceMove] = []
        var chosen: Set<TaskID> = []
        while moves.count < limit, let move = best(but: chosen) {
            chosen.insert(move.task)
            if let service = serviceOf[move.task] { moving.insert(service) }
            let amounts = core.tasks[move.task]!.spec.amounts
            loads[move.source]!.add(amounts, -1)
            loads[move.target]!.add(amounts, 1)
            moves.append(move)
        }
        return moves
    }

    private func best(but chosen: Set<TaskID>) -> RebalanceMove? {
        let order = loads.values.sorted { a, b in
            (b.share, b.used.tasks, a.node.id) < (a.share, a.used.tasks, b.node.id)
        }
        let targets = order.suffix(Self.widestNodes).reversed()
        for source in order.prefix(Self.widestNodes) {
            let tasks = (core.tasksOn[source.node.id] ?? []).sorted().lazy.compactMap { core.tasks[$0] }
                .filter { !chosen.contains($0.id) && mayMove($0) }
            var found: (fuller: Double, move: RebalanceMove)?
            for record in tasks.prefix(Self.widestTasks) {
                for target in targets where target.node.id != source.node.id {
                    guard let fuller = fuller(record, source, target), fuller < found?.fuller ?? .infinity,
                        target.fits(record.spec.amounts),
                        core.places.admits(core.ask(of: record), on: target.node.id)
                    else { continue }
                    found = (fuller, move(record, source, target))
                }
            }
            if let found { return found.move }
        }
        return nil
    }

    /// How full the fuller of the two would be; nil where moving the task helps nobody.
    private func fuller(_ record: TaskRecord, _ source: Load, _ target: Load) -> Double? {
        let amounts = record.spec.amounts
        let after = max(source.share(adding: amounts, -1), target.share(adding: amounts, 1))
        // Fractions are not exact.
        if source.share - after >= Self.leastGain - 1e-9 { return after }
        let isWeightless = amounts.cpuMillis == 0 && amounts.memory == 0 && amounts.gpus == 0
        guard isWeightless, source.used.tasks >= target.used.tasks + 2,
            target.share <= source.share + Self.leastGain
        else { return nil }
        return after
    }

    private func move(_ record: TaskRecord, _ source: Load, _ target: Load) -> RebalanceMove {
        let amounts = record.spec.amounts
        func percent(_ share: Double) -> String { "\(Int((share * 100).rounded())) %" }
        return RebalanceMove(
            task: record.id, name: record.name, project: record.project, from: source.node.name,
            to: target.node.name,
            reason:
                "\(source.node.name) is \(percent(source.share)) full with \(source.used.tasks) tasks, "
                + "\(target.node.name) \(percent(target.share)) with \(target.used.tasks); then "
                + "\(percent(source.share(adding: amounts, -1))) and \(percent(target.share(adding: amounts, 1)))",
            source: source.node.id, target: target.node.id)
    }

    /// Whether it may be stopped here and started there: an instance of a service, while all the others do their work; or a task that
    /// is to be started again whatever ends it. Nobody is moved that has said no.
    private func mayMove(_ record: TaskRecord) -> Bool {
        guard isWell(record), record.spec.labels[TaskCore.rebalanceLabel] != "never" else { return false }
        guard let number = serviceOf[record.id] else {
            return record.spec.restart.mode == .always || record.spec.restart.mode == .unlessStopped
        }
        let tasks = services[number]
        return !moving.contains(number) && tasks.count > 1
            && tasks.allSatisfy { core.tasks[$0].map(isWell) ?? false }
    }

    private func isWell(_ record: TaskRecord) -> Bool {
        record.state == .running && record.desired == .run && record.current?.outcome == nil
            && (record.health.map { $0.state == .healthy } ?? true)
    }
}
