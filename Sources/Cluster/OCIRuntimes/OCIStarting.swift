public import ClusterModel
import Concurrency
import Core
import Documents
import ImageModel
import OCIBundles
import ProcessRuntimes
import Synchronization
public import TaskRuntimes
import UnpackedImages

/// Starting containers.
extension OCIRuntime {
    public func start(
        _ launch: AttemptLaunch, report: @escaping @Sendable (LaunchProgress) -> Void
    ) async throws(RuntimeError) -> StartedAttempt {
        if let known = try await processes.started(launch.attempt) { return known }
        let machine = try await usableMachine()
        let reference = try Self.reference(launch.spec.image ?? "")
        starting.withLock { _ = $0.insert(launch.attempt) }
        defer { starting.withLock { _ = $0.remove(launch.attempt) } }
        return try await images.withImage(reference, launch.spec.pull, report: report) { image in
            try await self.turns.run("\(launch.attempt)") {
                // Another start of the same attempt may have been before.
                if let known = try await self.processes.started(launch.attempt) { return known }
                return try await self.start(launch, image, machine)
            }
        }
    }

    private static func reference(_ text: String) throws(RuntimeError) -> ImageReference {
        do throws(ImageError) {
            return try ImageReference(parsing: text)
        } catch {
            throw .rejected("image '\(text)' is no image's name: \(error)", hint: "such as busybox:1.36")
        }
    }

    private func start(
        _ launch: AttemptLaunch, _ image: StoredImage, _ machine: Machine
    ) async throws(RuntimeError) -> StartedAttempt {
        let files = files(launch.attempt)
        let (settings, shares) = (settings, shares)
        let cgroup = processes.cgroup(of: launch.attempt)
        do throws(RuntimeError) {
            let handed = try await blocking("preparing a container") { () throws(RuntimeError) in
                try ContainerPreparation(
                    launch: launch, image: image, machine: machine, settings: settings, files: files,
                    cgroup: cgroup, shares: shares
                ).prepare()
            }
            do throws(RuntimeError) { return try await processes.start(handed) } catch {
                guard case .failed = error else { throw error }
                throw await self.meaning(of: error, launch, files)
            }
        } catch {
            // Where it did not start for certain; else what ends or lists it takes it away.
            if await isNothing(launch.attempt, after: error) {
                // What is left is found with the next list.
                _ = try? await remove(files)
            }
            throw error
        }
    }

    private func isNothing(_ attempt: AttemptID, after error: RuntimeError) async -> Bool {
        switch error {
        case .rejected, .exhausted, .portInUse: return true
        case .unavailable, .unknownAttempt, .ended, .stillRunning, .cancelled, .failed: break
        }
        // Where that cannot be asked now, it is not certain.
        do throws(RuntimeError) { return try await processes.started(attempt) == nil } catch { return false }
    }

    /// Why nothing can start where the launcher, which an Apollo before this one has started, sees other mounts than we make: a service
    /// manager may give each start of a service mounts of its own (systemd.exec(5), PrivateTmp= and others). Nil where it sees the same.
    private func launcherElsewhere() async -> RuntimeError? {
        // Without an answer the runtime's own words are all there is.
        guard let launcher = try? await processes.launcherProcess() else { return nil }
        // As above.
        let places = try? await blocking("looking at the launcher's mounts") { () throws(RuntimeError) in
            (ContainerFiles.link("/proc/self/ns/mnt"), ContainerFiles.link("/proc/\(launcher)/ns/mnt"))
        }
        guard let places, let own = places.0, let theirs = places.1, own != theirs else { return nil }
        return .unavailable(
            "the launcher of containers (process \(launcher)) sees other mounts than this Apollo, which came after it: "
                + "a service that makes containers has the machine's (systemd: no PrivateTmp=, ProtectSystem= and the like)",
            hint: "let it have them, then stop its tasks by runc, or end the launcher once")
    }

    /// What the low-level runtime's own words mean.
    private func meaning(
        of error: RuntimeError, _ launch: AttemptLaunch, _ files: ContainerFiles
    ) async -> RuntimeError {
        let log = files.log
        // Without its words, what the launcher says is all there is.
        let bytes = try? await blocking("reading why a container did not start") { () throws(RuntimeError) in
            ContainerFiles.read(log) ?? []
        }
        guard let message = RuncLog.lastError(bytes ?? []) else { return error }
        if let stranger = await launcherElsewhere() { return stranger }
        return RuncLog.meaning(of: message, launch.spec)
    }
}
