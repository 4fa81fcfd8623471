import ClusterModel
import Concurrency
import Core
import Scheduling
import Synchronization
import TaskDecisions
import TaskRuntimes
import Tracing

// Starting attempts, and giving starts up.
extension Worker {
    func start(_ launch: AttemptLaunch, _ cancel: Latch<Void>) async {
        var outcome = await outcome(of: launch, cancel)
        let place = AttemptPlace(
            task: launch.task, attempt: launch.attempt, node: node, runtime: launch.spec.runtime)
        if case .cancelled = outcome {
            if cancel.isOpen {
                // What was given up may have started all the same.
                await persist("give up the start of attempt \(launch.attempt)") {
                    try await self.runtime(place.runtime).stop(launch.attempt, grace: .zero)
                }
            } else {
                outcome = .unclear(reason: "the start was interrupted")
            }
            // When the worker itself ends, nothing is known: the next one starts the same attempt again.
            if Task.isCancelled { return }
        }
        switch outcome {
        case .failed, .cancelled: secrets?.withdraw(launch.attempt)
        // Where it may have started after all, it needs them still.
        case .started, .unclear: break
        }
        starting.withLock { $0[launch.attempt] = nil }
        var isWatched = false
        // Before the report: what the manager then orders finds it watched.
        if case .started = outcome {
            disks.watch(launch.attempt, on: place.runtime, limit: launch.spec.resources.disk)
            isWatched = beginWatch(place)
        }
        report(.attempt(outcome.event, launch.attempt, launch.task))
        if isWatched { await followEnd(of: place) }
    }

    private func outcome(of launch: AttemptLaunch, _ cancel: Latch<Void>) async -> StartOutcome {
        await withTaskGroup(of: StartOutcome?.self) { group in
            group.addTask { await self.tracedStart(launch) }
            group.addTask {
                // Waiting ends with the latch or, when the start is done, by cancellation.
                guard (try? await cancel.wait()) != nil else { return nil }
                return .cancelled
            }
            var outcome = await group.next()!
            group.cancelAll()
            // A start that is given up may still have succeeded: what it says last counts.
            while let later = await group.next() {
                if let later, case .started = later { outcome = later }
                if outcome == nil { outcome = later }
            }
            return outcome ?? .cancelled
        }
    }

    private enum StartOutcome: Sendable {
        case started(StartedAttempt)
        case failed(reason: String, retry: Bool, busyPorts: [HostPort] = [])
        case unclear(reason: String)
        case cancelled

        /// Why nothing started; nil where something did.
        var failure: String? {
            switch self {
            case .started: nil
            case .failed(let reason, _, _), .unclear(let reason): reason
            case .cancelled: "given up"
            }
        }

        var event: AttemptEvent {
            switch self {
            case .started(let started):
                .started(at: started.startedAt, ports: started.ports, warnings: started.warnings)
            case .failed(let reason, let retry, let ports):
                .startFailed(reason: reason, retry: retry, busyPorts: ports)
            case .unclear(let reason): .startUnclear(reason: reason)
            case .cancelled: .startCancelled
            }
        }
    }

    /// The start as a trace of its own: the request that asked for the task is answered long before.
    private func tracedStart(_ launch: AttemptLaunch) async -> StartOutcome {
        await CurrentTrace.span("start attempt", .internal, by: tracer) {
            await attemptStart(launch)
        } finish: { outcome in
            let attributes = [
                Span.Attribute("apollo.task.id", .text(launch.task.text)),
                Span.Attribute("apollo.attempt.id", .text(launch.attempt.text)),
                Span.Attribute("apollo.node.id", .text(node.text)),
                Span.Attribute("apollo.runtime", .text(launch.spec.runtime.rawValue)),
            ]
            return (attributes, outcome.failure)
        }
    }

    private func attemptStart(_ given: AttemptLaunch) async -> StartOutcome {
        let launch: AttemptLaunch
        do throws(RuntimeError) {
            launch = try await delivering(furnished(given))
        } catch {
            return refusal(of: error)
        }
        do {
            let started = try await runtime(launch.spec.runtime).start(introduced(launch)) {
                [report] progress in
                report(.progress(progress, given.attempt, given.task))
            }
            return .started(started)
        } catch .cancelled {
            return .cancelled
        } catch .portInUse(let port) {
            let error = RuntimeError.portInUse(port).asApolloError
            return .failed(
                reason: joined(error.message, error.hint), retry: true, busyPorts: [port.hostPort])
        } catch .exhausted(let message, let hint) {
            return .failed(reason: joined(message, hint), retry: true)
        } catch .rejected(let message, let hint) {
            return .failed(reason: joined(message, hint), retry: false)
        } catch {
            // It broke off at some point, perhaps after the start.
            return .unclear(reason: error.asApolloError.message)
        }
    }

    /// The launch with what this machine tells its tasks, where they say nothing else themselves.
    private func introduced(_ launch: AttemptLaunch) -> AttemptLaunch {
        var launch = launch
        launch.spec.environment.merge(variables(launch)) { own, _ in own }
        return launch
    }

    /// What becomes of a start whose secrets cannot be had: nothing of it has begun.
    private func refusal(of error: RuntimeError) -> StartOutcome {
        switch error {
        case .cancelled: .cancelled
        case .rejected(let message, let hint): .failed(reason: joined(message, hint), retry: false)
        case .unavailable(let message, let hint): .failed(reason: joined(message, hint), retry: true)
        case .exhausted(let message, let hint): .failed(reason: joined(message, hint), retry: true)
        default: .failed(reason: error.asApolloError.message, retry: true)
        }
    }

    /// The launch with the files of this machine that it may see, and its volumes.
    private func furnished(_ launch: AttemptLaunch) throws(RuntimeError) -> AttemptLaunch {
        guard !launch.spec.mounts.isEmpty || !launch.spec.volumes.isEmpty else { return launch }
        var launch = launch
        if let mounts { launch.spec.mounts = try mounts.resolve(launch.spec.mounts) }
        for volume in launch.spec.volumes {
            guard let volumes else {
                throw .rejected("this node has no volumes", hint: "run the task without")
            }
            let path = try volumes.make(VolumeID(volume.name, in: launch.project))
            if let target = volume.target {
                launch.spec.mounts.append(Mount(source: path, target: target, readOnly: volume.readOnly))
            }
            guard launch.spec.runtime == .process else { continue }
            let variable = "APOLLO_VOLUME_\(EnvironmentName.part(volume.name))"
            launch.spec.environment[variable] = launch.spec.environment[variable] ?? path
        }
        return launch
    }

    /// The launch with the secrets it asks for.
    private func delivering(_ launch: AttemptLaunch) async throws(RuntimeError) -> AttemptLaunch {
        guard !launch.spec.secrets.isEmpty else { return launch }
        guard let secrets else {
            throw .rejected("this node has no secrets to give", hint: "run the task without")
        }
        return try await secrets.deliver(launch)
    }

    private func joined(_ message: String, _ hint: String?) -> String {
        hint.map { "\(message); \($0)" } ?? message
    }
}
