import ClusterModel
import Core
import Scheduling

/// The volumes there are, where they are, and who uses them. A plain value.
///
/// A volume is made by the first task that names it, or by itself; it is nowhere until the first attempt that uses it begins, and from
/// then on where that is. What is stored of a task says so, too: a volume whose place could not be stored is found again by it.
struct VolumeTable: Sendable {
    /// What a node that has a volume is told by; people do not see it.
    static let nodeLabel = "volume.node"

    private(set) var volumes: [VolumeID: Volume] = [:]
    /// Tasks that are not over.
    private var users: [VolumeID: Set<TaskID>] = [:]
    /// Those whose files are being removed: who wants to use one waits, and then has a new one.
    private var leaving: Set<VolumeID> = []
    /// Those that have changed, and are to be stored.
    private(set) var changed: Set<VolumeID> = []

    /// Takes over a stored one.
    mutating func restore(_ volume: Volume) { volumes[volume.id] = volume }

    mutating func make(_ ids: [VolumeID], at now: Timestamp, by principal: String) {
        for id in ids where volumes[id] == nil {
            volumes[id] = Volume(name: id.name, project: id.project, createdAt: now, createdBy: principal)
            changed.insert(id)
        }
    }

    mutating func add(_ volume: Volume) {
        volumes[volume.id] = volume
        changed.insert(volume.id)
    }

    mutating func beginRemoval(_ id: VolumeID) -> Bool { leaving.insert(id).inserted }

    /// The removal is over: it is gone, or it stays.
    mutating func endRemoval(_ id: VolumeID, isGone: Bool) {
        leaving.remove(id)
        guard isGone else { return }
        volumes[id] = nil
        changed.remove(id)
    }

    /// The task uses its volumes until it is over; where it has run they are.
    mutating func use(_ record: TaskRecord) {
        let ids = record.spec.volumes(in: record.project)
        let isOver = record.state.isFinal
        if !isOver { make(ids, at: record.createdAt, by: record.createdBy) }
        if let last = record.attempts.last {
            bind(
                ids.filter { id in volumes[id]?.lostAt.map { last.createdAt > $0 } ?? true }, to: last.node)
        }
        guard !isOver else { return }
        for id in ids { users[id, default: []].insert(record.id) }
    }

    mutating func leave(_ record: TaskRecord) {
        for id in record.spec.volumes(in: record.project) {
            users[id]?.remove(record.id)
            if users[id]?.isEmpty == true { users[id] = nil }
        }
    }

    func users(of id: VolumeID) -> Set<TaskID> { users[id] ?? [] }

    /// Those of `ids` that are nowhere yet are on the node from now on.
    ///
    /// - Returns: which these are.
    @discardableResult
    mutating func bind(_ ids: [VolumeID], to node: NodeID) -> [VolumeID] {
        let bound = ids.filter { volumes[$0] != nil && volumes[$0]?.node == nil }
        for id in bound {
            volumes[id]!.node = node
            changed.insert(id)
        }
        return bound
    }

    /// The node is gone for good, and with it what was on it.
    ///
    /// - Returns: the volumes that are nowhere now.
    mutating func forget(_ node: NodeID, at now: Timestamp) -> [VolumeID] {
        let lost = volumes.filter { $0.value.node == node }.keys.sorted()
        for id in lost {
            volumes[id]!.node = nil
            volumes[id]!.lostAt = now
            changed.insert(id)
        }
        return lost
    }

    /// What has changed since it was stored last; all of it is taken for stored.
    mutating func takeChanged() -> [Volume] {
        defer { changed = [] }
        return changed.sorted().compactMap { volumes[$0] }
    }

    /// They could not be stored.
    mutating func keepChanged(_ stored: [Volume]) {
        for volume in stored where volumes[volume.id] != nil { changed.insert(volume.id) }
    }

    /// What a task asks of a node, with where its volumes are.
    func ask(of spec: TaskSpec, in project: String) -> Ask {
        var ask = spec.ask(in: project)
        guard !spec.volumes.isEmpty else { return ask }
        if spec.volumes(in: project).contains(where: { leaving.contains($0) }) {
            ask.constraints.append(Constraint(Self.nodeLabel, .isIn, ["none: it is being removed"]))
            return ask
        }
        let nodes = Set(spec.volumes(in: project).compactMap { volumes[$0]?.node })
        ask.constraints += nodes.sorted().map { Constraint(Self.nodeLabel, .isIn, [$0.text]) }
        return ask
    }
}
