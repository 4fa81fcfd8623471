import ClusterModel
import Concurrency
import Core
import JobDecisions
import JobModel
import Synchronization

// The one loop that changes jobs.
extension JobKeeper {
    private static let longestSleep = Duration.seconds(10)
    private static let creationsAtOnce = 256

    /// Decides, stores and carries out until cancelled.
    public func run() async {
        _ = calls.send(())
        while !Task.isCancelled {
            await turn()
            do {
                try await pause()
            } catch {
                return  // Cancelled: the platform ends.
            }
        }
    }

    /// Returns when something was heard, or it is time to look again.
    private func pause() async throws {
        let now = environment.wallClock.now
        let next = state.withLock { $0.wakes.values.min() }
        let wait = next.map { max(.zero, min(now.duration(to: $0), Self.longestSleep)) } ?? Self.longestSleep
        let (clock, calls) = (environment.clock, calls)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await clock.sleep(for: wait) }
            group.addTask { _ = try await calls.nextBatch() }
            try await group.next()
            group.cancelAll()
        }
    }

    private func turn() async {
        let commands = state.withLock { state in
            defer { state.commands = [] }
            return state.commands
        }
        for command in commands { await perform(command) }
        let now = environment.wallClock.now
        let due = state.withLock { state in
            for (id, time) in state.wakes where time <= now { state.dirty.insert(id) }
            for id in state.dirty { state.wakes[id] = nil }
            defer { state.dirty = [] }
            return state.dirty.sorted()
        }
        for id in due { await advance(id) }
    }

    private func perform(_ command: Command) async {
        let (works, known) = state.withLock { state in
            (state.works, command.key.flatMap { state.requests[$0] })
        }
        if let known {
            _ = command.done.set(.success(known))
            return
        }
        do {
            let (id, work) = try command.decide(works)
            let request = work == nil ? nil : command.key.map { ($0, id, environment.wallClock.now) }
            try await store.commit([(works[id], work)], request: request)
            state.withLock { state in
                install(id, work, &state)
                if let request { state.requests[request.0] = id }
                state.dirty.insert(id)
            }
            tell(id, work)
            _ = command.done.set(.success(id))
        } catch {
            _ = command.done.set(.failure(error))
        }
    }

    private func tell(_ id: JobID, _ work: JobWork?) {
        observer.withLock { $0 }?(id, work?.job, work?.instances ?? [])
    }

    private func install(_ id: JobID, _ work: JobWork?, _ state: inout State) {
        for instance in state.works[id]?.instances ?? [] { state.owners[instance.task] = nil }
        state.works[id] = work
        if work == nil {
            state.wakes[id] = nil
            state.requests = state.requests.filter { $0.value != id }
        }
        for instance in work?.instances ?? [] { state.owners[instance.task] = id }
    }

    /// Decides about one job, stores that, and does it.
    private func advance(_ id: JobID) async {
        guard let before = state.withLock({ $0.works[id] }) else { return }
        var work = before
        let environment = environment
        let decision = work.decide(
            JobWorld(
                now: environment.wallClock.now, nodes: cluster.nodes(), sight: { self.cluster.sight($0) },
                identifier: { environment.identifier() }))
        do {
            try await store.commit([(before, work)], request: nil)
        } catch {
            note("cannot store what was decided for job \(before.job.name): \(error)")
            let again = environment.wallClock.now.advanced(by: .seconds(1))
            state.withLock { $0.wakes[id] = again }
            return
        }
        state.withLock { state in
            install(id, work, &state)
            if let wake = decision.wakeAt { state.wakes[id] = wake }
        }
        tell(id, work)
        await carryOut(decision.directives, work)
    }

    private func carryOut(_ directives: [JobDirective], _ work: JobWork) async {
        guard !directives.isEmpty else { return }
        await withTaskGroup(of: (TaskID, String)?.self) { group in
            var failures: [(TaskID, String)] = []
            for (number, directive) in directives.enumerated() {
                if number >= Self.creationsAtOnce, let failure = await group.next() ?? nil {
                    failures.append(failure)
                }
                group.addTask { await self.carryOut(directive, work.job) }
            }
            for await failure in group { if let failure { failures.append(failure) } }
            hold(failures, work.job.id)
        }
        // What was made is there from now on: the next decision sees it.
        state.withLock { _ = $0.dirty.insert(work.job.id) }
        _ = calls.send(())
    }

    private func carryOut(_ directive: JobDirective, _ job: JobRecord) async -> (TaskID, String)? {
        switch directive {
        case .create(let instance, let spec):
            do {
                try await cluster.create(instance, spec, of: job)
            } catch {
                return (instance.task, "its task cannot be made: \(error)")
            }
        case .stop(let task), .forget(let task):
            do {
                if case .stop = directive {
                    try await cluster.stop(task)
                } else {
                    try await cluster.forget(task)
                }
            } catch {
                note("a task of job \(job.name) does not do as it is told: \(error)")
                let again = environment.wallClock.now.advanced(by: .seconds(1))
                state.withLock { state in
                    state.wakes[job.id] = min(state.wakes[job.id] ?? again, again)
                }
            }
        }
        return nil
    }

    /// Instances whose tasks could not be made say why, and are tried again in a while.
    private func hold(_ failures: [(TaskID, String)], _ id: JobID) {
        guard !failures.isEmpty else { return }
        let again = environment.wallClock.now.advanced(by: .seconds(5))
        let reasons = Dictionary(failures) { first, _ in first }
        state.withLock { state in
            guard var work = state.works[id] else { return }
            for index in work.instances.indices {
                guard let reason = reasons[work.instances[index].task] else { continue }
                work.instances[index].reason = reason
                work.instances[index].notBefore = again
            }
            state.works[id] = work
            state.wakes[id] = min(state.wakes[id] ?? again, again)
        }
    }
}
