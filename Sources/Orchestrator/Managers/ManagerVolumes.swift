public import ClusterModel
import Core
import Synchronization
import TaskDecisions
import TaskRuntimes
import Workers

/// A volume as people look at it.
public struct VolumeView: Hashable, Sendable {
    public var volume: Volume
    /// The name of its node; nil while it is on none.
    public var node: String?
    /// The names of the tasks that use it and are not over.
    public var users: [String]
}

// Volumes: made by name, placed with the first task that uses them, removed when nobody does.
extension Manager {
    public func volumes(in project: String) -> [VolumeView] {
        state.withLock { state in
            state.core.volumes.filter { $0.project == project }.map { view($0, state) }
        }
    }

    public func volume(_ id: VolumeID) throws -> VolumeView {
        guard let found = state.withLock({ state in state.core.volume(id).map { view($0, state) } }) else {
            throw Self.unknown(id)
        }
        return found
    }

    /// The projects that have volumes.
    public func hasVolumes(in project: String) -> Bool {
        state.withLock { $0.core.volumes.contains { $0.project == project } }
    }

    /// Makes a volume, on the node of this name or identifier, or where it is used first. Returns once it is stored.
    public func makeVolume(_ id: VolumeID, on node: String?, by principal: String) async throws -> VolumeView
    {
        let place = try node.map { try self.node($0).id }
        let volume = Volume(
            name: id.name, project: id.project, node: place, createdAt: environment.wallClock.now,
            createdBy: principal)
        do {
            try state.withLock { state throws(VolumeRefusal) in try state.core.make(volume) }
        } catch {
            throw ApolloError(.exists, "there is a volume '\(id.name)' already")
        }
        try await saveVolumes()
        return try self.volume(id)
    }

    /// Removes a volume that no task uses with all that is in it. Where its node does not answer it is only forgotten by `force`, and
    /// what is in it stays there.
    public func removeVolume(_ id: VolumeID, force: Bool) async throws {
        let volume: Volume
        do {
            volume = try state.withLock { state throws(VolumeRefusal) in try state.core.beginRemoval(of: id) }
        } catch VolumeRefusal.inUse(let tasks) {
            let names = state.withLock { state in tasks.prefix(5).compactMap { state.core.tasks[$0]?.name } }
            throw ApolloError(
                .conflict,
                "the volume '\(id.name)' is used by \(tasks.count) \(tasks.count == 1 ? "task" : "tasks"): \(names.joined(separator: ", "))",
                hint: "stop what uses it first")
        } catch {
            throw Self.unknown(id)
        }
        var isGone = false
        defer {
            let now = environment.wallClock.now
            state.withLock { state in
                enqueue(OutboxEntry(state.core.endRemoval(of: id, isGone: isGone, at: now)), &state)
            }
        }
        if let node = volume.node {
            do { try await removeFiles(id, on: node) } catch { if !force { throw error } }
        }
        try await volumeStore?.remove(id)
        isGone = true
    }

    private func removeFiles(_ id: VolumeID, on node: NodeID) async throws {
        let (connection, name) = state.withLock { ($0.connections[node], $0.core.nodes[node]?.name) }
        guard let connection else {
            throw ApolloError(
                .unavailable,
                "the node '\(name ?? node.text)', which has the volume '\(id.name)', is not there",
                hint:
                    "try again when it is back; or forget the volume, and leave what is in it there, with --force"
            )
        }
        do { try await connection.remove(id) } catch let error as RuntimeError { throw error.asApolloError }
    }

    /// Stores what has changed about volumes.
    func saveVolumes() async throws {
        let changed = state.withLock { $0.core.takeChangedVolumes() }
        guard !changed.isEmpty, let volumeStore else { return }
        do {
            try await volumeStore.save(changed)
        } catch {
            state.withLock { $0.core.keepChanged(changed) }
            throw error
        }
    }

    private func view(_ volume: Volume, _ state: borrowing State) -> VolumeView {
        VolumeView(
            volume: volume, node: volume.node.map { state.core.nodes[$0]?.name ?? $0.text },
            users: state.core.users(of: volume.id).compactMap { state.core.tasks[$0]?.name })
    }

    private static func unknown(_ id: VolumeID) -> ApolloError {
        ApolloError(.notFound, "no volume '\(id.name)'", hint: "'apollo volume ls' lists them")
    }
}
