public import ClusterModel
public import Core
import Scheduling

/// Why the core refuses a command about a volume.
public enum VolumeRefusal: Error, Hashable, Sendable {
    case unknown
    case exists
    /// Tasks that are not over use it.
    case inUse(by: [TaskID])
}

// Volumes: where they are decides where tasks run.
extension TaskCore {
    /// Takes over a stored volume, before any task.
    public mutating func restore(_ volume: Volume) { volumeTable.restore(volume) }

    public var volumes: [Volume] { volumeTable.volumes.values.sorted { $0.id < $1.id } }

    public func volume(_ id: VolumeID) -> Volume? { volumeTable.volumes[id] }

    /// The tasks that use a volume and are not over, in order.
    public func users(of id: VolumeID) -> [TaskID] { volumeTable.users(of: id).sorted() }

    public mutating func make(_ volume: Volume) throws(VolumeRefusal) {
        guard volumeTable.volumes[volume.id] == nil else { throw .exists }
        volumeTable.add(volume)
    }

    /// Begins to remove a volume that nobody uses. Who asks for it from now on waits until ``endRemoval(of:isGone:at:)``.
    public mutating func beginRemoval(of id: VolumeID) throws(VolumeRefusal) -> Volume {
        guard let volume = volumeTable.volumes[id] else { throw .unknown }
        let users = users(of: id)
        guard users.isEmpty else { throw .inUse(by: users) }
        guard volumeTable.beginRemoval(id) else { throw .unknown }
        return volume
    }

    /// It is gone, or could not be removed. Those who have come meanwhile have another, or the same.
    public mutating func endRemoval(of id: VolumeID, isGone: Bool, at now: Timestamp) -> Decision {
        volumeTable.endRemoval(id, isGone: isGone)
        var decision = Decision()
        for user in users(of: id) {
            guard let record = tasks[user] else { continue }
            volumeTable.make([id], at: now, by: record.createdBy)
        }
        placeUsers(of: id, at: now, &decision)
        placeWaiting(at: now, &decision)
        return decision
    }

    /// What has changed about volumes, and is to be stored before what was decided is done.
    public mutating func takeChangedVolumes() -> [Volume] { volumeTable.takeChanged() }

    /// They could not be stored.
    public mutating func keepChanged(_ volumes: [Volume]) { volumeTable.keepChanged(volumes) }

    /// Has those who wait with a volume look for a place anew: it is elsewhere, or nowhere, now.
    mutating func placeUsers(of id: VolumeID, at now: Timestamp, _ decision: inout Decision) {
        for user in users(of: id) where waiting.contains(user) {
            leaveQueue(user)
            place(user, at: now, &decision)
        }
    }

    func ask(of record: TaskRecord) -> Ask { volumeTable.ask(of: record.spec, in: record.project) }

    /// The volumes of a task that begins on a node are there from now on, and who waits with them waits for that node alone.
    mutating func bindVolumes(of record: TaskRecord, to node: NodeID) {
        for id in volumeTable.bind(record.spec.volumes(in: record.project), to: node) {
            for user in users(of: id) where waiting.contains(user) {
                guard let waits = tasks[user] else { continue }
                if claims[user] != nil { unsettled.append(user) }
                leaveQueue(user)
                let ask = ask(of: waits)
                waiting.insert(user, ask: ask, priority: waits.spec.priority)
            }
        }
    }
}
