import ClusterModel
import Concurrency
import Core
import JobDecisions
import JobModel
import Synchronization

// The one loop that changes jobs. What it has the cluster do goes on beside it, a job at a time: a job that makes many tasks
// keeps no other waiting.
extension JobKeeper {
    private static let longestSleep = Duration.seconds(10)
    /// Tasks of one job that are made together, and orders to others that are given at once.
    private static let creationsAtOnce = 1024
    private static let ordersAtOnce = 256
    /// Jobs that are decided about and stored together.
    private static let jobsAtOnce = 64
    /// How old a look at all of a job may be, where only some of its tasks have told of a change.
    private static let longestLook = Duration.seconds(5)

    /// A job to decide about, and the tasks to look at; nil for all.
    private struct Due {
        var job: JobID
        var heard: Set<TaskID>?
    }

    /// Decides, stores and carries out until cancelled.
    public func run() async {
        await withDiscardingTaskGroup { group in
            group.addTask { await self.sweep() }
            _ = calls.send(())
            while !Task.isCancelled {
                for command in takeCommands() { await perform(command) }
                for (directives, job) in await advance(takeDue()) {
                    group.addTask { await self.carryOut(directives, job) }
                }
                do {
                    try await pause()
                } catch {
                    break  // Cancelled: the platform ends.
                }
            }
            group.cancelAll()
        }
    }

    /// Returns when something was heard, or it is time to look again.
    private func pause() async throws {
        let (now, instant) = (environment.wallClock.now, environment.clock.now)
        let wait = state.withLock { state -> Duration in
            guard state.commands.isEmpty else { return .zero }
            var wait = state.wakes.wait(from: now, instant) ?? Self.longestSleep
            for id in [state.dirty, Set(state.heard.keys)].joined() where !state.busy.contains(id) {
                wait = min(wait, state.rests[id].map { instant.duration(to: $0) } ?? .zero)
            }
            return min(wait, Self.longestSleep)
        }
        guard wait > .zero else { return try Task.checkCancellation() }
        // Counted from when it was looked at: time has passed since.
        try await calls.takeSignals(until: instant.advanced(by: wait), clock: environment.clock)
    }

    private func takeCommands() -> [Command] {
        state.withLock { state in
            defer { state.commands = [] }
            return state.commands
        }
    }

    /// Jobs to decide about now, and which of their tasks to look at: jobs of which something changed, or whose time has come, and
    /// for which nothing is being done. Those that rest wait until they have.
    private func takeDue() -> [Due] {
        let (now, instant) = (environment.wallClock.now, environment.clock.now)
        return state.withLock { state in
            for id in state.wakes.takeDue(now, instant) { state.look(at: id) }
            let due = state.dirty.union(state.heard.keys).subtracting(state.busy).filter {
                state.rests[$0].map { $0 <= instant } ?? true
            }.sorted().prefix(Self.jobsAtOnce)
            return due.map { id in
                state.wakes.remove(id)
                let heard = state.heard.removeValue(forKey: id)
                let isRecent = state.looks[id].map { $0.duration(to: instant) < Self.longestLook } ?? false
                if state.dirty.remove(id) == nil, isRecent { return Due(job: id, heard: heard) }
                state.looks[id] = instant
                return Due(job: id)
            }
        }
    }

    // MARK: Commands

    private func perform(_ command: Command) async {
        if let known = state.withLock({ state in command.key.flatMap { state.requests[$0]?.job } }) {
            _ = command.done.set(.success(known))
            return
        }
        do {
            let (id, work) = try command.decide(JobLookup(keeper: self))
            let before = state.withLock { $0.works[id] }
            let request = work == nil ? nil : command.key.map { ($0, id, environment.wallClock.now) }
            let change = try JobChange(before, work)
            try await store.commit([change], request: request)
            state.withLock { state in
                install(id, change, &state)
                if let request { state.requests[request.0] = JobRequest(job: id, at: request.2) }
                state.dirty.insert(id)
            }
            tell(id, work)
            announce(change)
            _ = command.done.set(.success(id))
        } catch {
            _ = command.done.set(.failure(error))
        }
    }

    private func tell(_ id: JobID, _ work: JobWork?) {
        for observer in observers.withLock({ $0 }) { observer(id, work?.job, work?.instances ?? []) }
    }

    private func install(_ id: JobID, _ change: JobChange, _ state: inout State) {
        let (before, work) = (state.works[id], change.after)
        if work == nil || change.json != nil { state.json[id] = change.json }
        let (old, new) = (before?.instances ?? [], work?.instances ?? [])
        // Most of a large job is as it was.
        let same = JobInstance.commonCount(old, new)
        for instance in old[same...] { state.owners[instance.task] = nil }
        for instance in new[same...] { state.owners[instance.task] = id }
        state.works[id] = work
        if let work {
            state.names[JobName(project: work.job.project, name: work.job.name)] = id
        } else {
            if let job = before?.job { state.names[JobName(project: job.project, name: job.name)] = nil }
            state.wakes.remove(id)
            state.rests[id] = nil
            state.dirty.remove(id)
            (state.heard[id], state.looks[id]) = (nil, nil)
            state.requests = state.requests.filter { $0.value.job != id }
        }
    }

    // MARK: Deciding

    /// Decides about jobs and stores that; returns what is to be done for each.
    private func advance(_ due: [Due]) async -> [(directives: [JobDirective], job: JobRecord)] {
        guard !due.isEmpty else { return [] }
        // The jobs that are one task a node look at nodes.
        let world = world(
            hasNodes: state.withLock { state in
                due.contains { state.works[$0.job]?.job.spec.type == .system }
            })
        var works: [(before: JobWork, after: JobWork)] = []
        var decisions: [(work: JobWork, decision: JobDecision)] = []
        for due in due {
            guard let before = state.withLock({ $0.works[due.job] }) else { continue }
            var work = before
            let decision = work.decide(world, heard: due.heard)
            works.append((before, work))
            decisions.append((work, decision))
        }
        let changes: [JobChange]
        do {
            changes = try works.map { try JobChange($0.before, $0.after) }
            try await store.commit(changes, request: nil)
        } catch {
            note("cannot store what was decided for \(decisions.count) jobs: \(error)")
            state.withLock { state in
                for due in due where state.works[due.job] != nil {
                    // What was heard counts all the same.
                    state.looks[due.job] = nil
                    look(at: due.job, within: .seconds(1), &state)
                }
            }
            return []
        }
        defer {
            for change in changes { announce(change) }
            for (work, _) in decisions { tell(work.job.id, work) }
        }
        let (now, instant) = (environment.wallClock.now, environment.clock.now)
        return state.withLock { state in
            for change in changes { if let after = change.after { install(after.job.id, change, &state) } }
            var orders: [(directives: [JobDirective], job: JobRecord)] = []
            for (work, decision) in decisions {
                let rest = work.rest
                state.rests[work.job.id] = rest > .zero ? instant.advanced(by: rest) : nil
                if let wake = decision.wakeAt { state.wakes.set(work.job.id, at: wake, from: now, instant) }
                guard !decision.directives.isEmpty else { continue }
                state.busy.insert(work.job.id)
                orders.append((decision.directives, work.job))
            }
            return orders
        }
    }

    // MARK: Carrying out

    private func carryOut(_ directives: [JobDirective], _ job: JobRecord) async {
        var creations: [(instance: JobInstance, spec: TaskSpec)] = []
        var orders: [JobDirective] = []
        for directive in directives {
            if case .create(let instance, let spec) = directive {
                creations.append((instance, spec))
            } else {
                orders.append(directive)
            }
        }
        var rest = creations[...]
        while !rest.isEmpty {
            let part = Array(rest.prefix(Self.creationsAtOnce))
            rest = rest.dropFirst(part.count)
            hold(await cluster.create(part, of: job), job.id)
        }
        let isDone = await withTaskGroup(of: Bool.self) { group in
            var isDone = true
            for (number, order) in orders.enumerated() {
                if number >= Self.ordersAtOnce, await group.next() == false { isDone = false }
                group.addTask { await self.carryOut(order, job) }
            }
            for await isOneDone in group where !isOneDone { isDone = false }
            return isDone
        }
        // What was made is there from now on: the next decision sees it, for what was asked for is looked at. It would ask at once
        // for what could not be done, which has its time.
        state.withLock { state in
            state.busy.remove(job.id)
            if isDone, state.works[job.id] != nil { state.look(at: job.id) }
        }
        _ = calls.send(())
    }

    /// Whether it is done; what is not is asked for again in a second.
    private func carryOut(_ directive: JobDirective, _ job: JobRecord) async -> Bool {
        do {
            switch directive {
            case .stop(let task): try await cluster.stop(task)
            case .forget(let task): try await cluster.forget(task)
            case .create: break  // Made with all others.
            }
            return true
        } catch {
            state.withLock { state in look(at: job.id, within: .seconds(1), &state) }
            note("a task of job \(job.name) does not do as it is told: \(error)")
            return false
        }
    }

    private func look(at job: JobID, within wait: Duration, _ state: inout State) {
        state.wakes.set(job, within: wait, from: environment.wallClock.now, environment.clock.now)
    }

    /// Instances whose tasks could not be made say why, and are tried again in a while.
    private func hold(_ reasons: [TaskID: String], _ id: JobID) {
        guard !reasons.isEmpty else { return }
        let again = environment.wallClock.now.advanced(by: .seconds(5))
        state.withLock { state in
            guard state.works[id] != nil else { return }
            for index in state.works[id]!.instances.indices {
                guard let reason = reasons[state.works[id]!.instances[index].task] else { continue }
                state.works[id]!.instances[index].reason = "its task cannot be made: \(reason)"
                state.works[id]!.instances[index].notBefore = again
            }
            look(at: id, within: .seconds(5), &state)
        }
    }
}

/// The jobs that are there, for whoever decides about a change: looked up one by one, never copied as a whole.
struct JobLookup: Sendable {
    let keeper: JobKeeper

    func find(_ id: JobID) -> JobWork? { keeper.state.withLock { $0.works[id] } }

    func find(_ name: String, project: String) -> JobWork? {
        keeper.state.withLock { state in
            state.names[JobName(project: project, name: name)].flatMap { state.works[$0] }
        }
    }
}

struct JobName: Hashable, Sendable {
    var project: String
    var name: String
}
