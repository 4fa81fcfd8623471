public import ClusterModel
import Core
import Glibc
import HTTPClients
import Synchronization
public import TaskRuntimes

/// Starting attempts.
extension DockerRuntime {
    public func start(
        _ launch: AttemptLaunch, report: @escaping @Sendable (LaunchProgress) -> Void
    ) async throws(RuntimeError) -> StartedAttempt {
        guard let name = launch.spec.image, let reference = ImageReference(parsing: name) else {
            throw .rejected(
                "'\(launch.spec.image ?? "")' is not the name of an image",
                hint: "write it like busybox, busybox:1.35 or registry.example/team/app:2")
        }
        for mount in launch.spec.mounts where access(mount.source, F_OK) != 0 {
            throw .rejected(
                "the mount \(mount.source) cannot be used: \(String(cString: strerror(errno)).lowercased())",
                hint: "create it on this machine first")
        }
        let isFirst = memory.withLock { $0.starting.insert(launch.attempt).inserted }
        defer { if isFirst { memory.withLock { _ = $0.starting.remove(launch.attempt) } } }

        let engine = try await session.engine()
        let abilities = try await session.abilities()
        do throws(EngineFailure) {
            if let known = try await already(launch, engine) { return known }
            let image = try await ImagePuller(engine: engine, environment: environment)
                .image(reference, launch.spec.pull, within: configuration.pullTime, report)
            return try await create(launch, image: image, abilities: abilities, engine)
        } catch {
            if error.isTransient { session.forget() }
            throw error.runtimeError("starting the container")
        }
    }

    /// What the attempt is already, where an earlier call, or an earlier Apollo, started it.
    private func already(
        _ launch: AttemptLaunch, _ engine: Engine
    ) async throws(EngineFailure) -> StartedAttempt? {
        let container: ContainerInspection
        do throws(EngineFailure) {
            container = try await engine.inspect(ContainerSpecification.name(of: launch))
        } catch {
            if error.isNotFound { return nil }
            throw error
        }
        let labels = container.configuration.labels ?? [:]
        guard labels[ContainerLabel.attempt] == launch.attempt.text,
            labels[ContainerLabel.instance] == configuration.instance
        else {
            throw .known(
                .rejected(
                    "the container name \(ContainerSpecification.name(of: launch)) is taken by a container of "
                        + "another Apollo",
                    hint: "give each Apollo on this engine a data directory of its own"))
        }
        memory.withLock { $0.containers[launch.attempt] = container.id }
        if let startedAt = container.startedAt {
            let started = StartedAttempt(startedAt: startedAt, ports: container.ports)
            return memory.withLock { $0.started[launch.attempt] } ?? started
        }
        do throws(EngineFailure) {
            return try await startCreated(container.id, launch, warnings: [], engine)
        } catch {
            await discard(container.id, launch.attempt, engine)
            throw LaunchFailure(spec: launch.spec).meaning(of: error)
        }
    }

    private func create(
        _ launch: AttemptLaunch, image: ImageInspection, abilities: EngineAbilities, _ engine: Engine
    ) async throws(EngineFailure) -> StartedAttempt {
        do throws(RuntimeError) {
            // Where no proxy of the engine's listens, it would take a port that is in use for one that is not.
            _ = try PortAllocation.allocate(launch.spec.ports.filter { $0.host != nil })
        } catch {
            throw .known(error)
        }
        let lookup = try CommandLookup(launch.spec, image.configuration)
        let usesInit = memory.withLock { !$0.lacksInit }
        let specification = ContainerSpecification(
            launch, instance: configuration.instance, abilities: abilities, options: configuration,
            usesInit: usesInit)
        let name = ContainerSpecification.name(of: launch)
        let id: String
        do throws(EngineFailure) { id = try await engine.create(specification, name: name) } catch {
            if error.isConflict, let known = try await already(launch, engine) { return known }
            // The answer may be lost and the container there all the same. It never ran, so no force is needed.
            try? await engine.remove(name, ignoresCancellation: true)
            throw LaunchFailure(spec: launch.spec).meaning(of: error)
        }
        memory.withLock { $0.containers[launch.attempt] = id }
        let warnings = ContainerSpecification.warnings(for: launch.spec.resources, abilities: abilities)
        do throws(EngineFailure) {
            // With an init in front, the engine starts what is not there, and the init fails: so it is looked up first.
            if usesInit { try await find(lookup, in: id, image: image, launch.spec, engine) }
            return try await startCreated(id, launch, warnings: warnings, engine)
        } catch {
            guard usesInit, LaunchFailure.lacksInit(error) else {
                await discard(id, launch.attempt, engine)
                throw LaunchFailure(spec: launch.spec).meaning(of: error)
            }
        }
        await discard(id, launch.attempt, engine)
        memory.withLock { $0.lacksInit = true }
        return try await create(launch, image: image, abilities: abilities, engine)
    }

    private func startCreated(
        _ id: String, _ launch: AttemptLaunch, warnings: [String], _ engine: Engine
    ) async throws(EngineFailure) -> StartedAttempt {
        try await engine.start(id)
        let container = try await engine.inspect(id)
        guard let startedAt = container.startedAt else {
            throw .malformed("a container that it started has no time of its start")
        }
        let started = StartedAttempt(startedAt: startedAt, ports: container.ports, warnings: warnings)
        memory.withLock { $0.started[launch.attempt] = started }
        return started
    }

    private func discard(_ id: String, _ attempt: AttemptID, _ engine: Engine) async {
        // Best effort: what stays behind is listed as never started, and removed with its attempt.
        try? await engine.remove(id, force: true, ignoresCancellation: true)
        forget(attempt)
    }

    /// Throws where the command is not in the container, or is no program.
    private func find(
        _ lookup: CommandLookup, in id: String, image: ImageInspection, _ spec: TaskSpec, _ engine: Engine
    ) async throws(EngineFailure) {
        // Mounts may bring the command, or hide it: then what was found in the image before says nothing.
        let key = spec.mounts.isEmpty ? "\(image.id) \(lookup.candidates)" : nil
        if let key, memory.withLock({ $0.foundCommands.contains(key) }) { return }
        var unusable: String?
        for path in lookup.candidates {
            guard let file = try await engine.stat(path, in: id) else { continue }
            guard !file.isDirectory, file.isExecutable else {
                unusable = path
                continue
            }
            memory.withLock { memory in
                if memory.foundCommands.count >= 4096 { memory.foundCommands = [] }
                if let key { memory.foundCommands.insert(key) }
            }
            return
        }
        throw .known(LaunchFailure(spec: spec).notFound(lookup.command, unusable: unusable))
    }
}
