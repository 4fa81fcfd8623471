import ClusterModel
import Core
import JobDecisions
import JobModel
import Simulation

/// People who run jobs: one service that is changed now and then, one job on every node, one by a schedule, and batches.
final class JobClients {
    private unowned(unsafe) let world: World
    private(set) var service: JobID?
    private(set) var batches: [JobID] = []

    init(_ world: World) { self.world = world }

    func begin(until end: Int64) {
        world.after(30 * Span.second) { [self] in run(serviceSpec(mayFail: false)) { self.service = $0 } }
        world.after(60 * Span.second) { [self] in
            run(agentsSpec()) { _ in }
        }
        world.after(90 * Span.second) { [self] in run(cronSpec()) { _ in } }
        for time in stride(from: 5 * Span.minute, to: end, by: Int(20 * Span.minute)) {
            world.after(time) { [self] in runBatch() }
            // Not once all has been asked to stop: in a short run that would be after it.
            let change = time + 7 * Span.minute
            if change < end + Rest.settling { world.after(change) { [self] in changeService() } }
        }
    }

    private func lasting() -> TaskSpec {
        var spec = TaskSpec(image: "service:\(world.random.next(below: 5))")
        spec.command = [Behaviour.lasting]
        spec.resources.cpuMillis = 100
        spec.stopGrace = Seconds(1)
        spec.restart = RestartPolicy(mode: .onFailure)
        return spec
    }

    /// A version in three is one that always fails soon.
    private func serviceSpec(mayFail: Bool) -> JobSpec {
        var spec = lasting()
        if world.random.chance(0.5) { spec.health = HealthCheck.draw(&world.random) }
        if mayFail, world.random.chance(0.3) { spec.command = [Behaviour.failing] }
        var tasks = [JobTask(name: "web", instances: 1 + world.random.next(below: 5), spec: spec)]
        if world.random.chance(0.7) {
            tasks.append(JobTask(name: Self.base, instances: 1 + world.random.next(below: 2), spec: base()))
            tasks[0].after = after()
        }
        return JobSpec(
            name: "web",
            update: UpdatePolicy(maxSurge: 1, maxUnavailable: 1, autoRevert: world.random.chance(0.7)),
            tasks: tasks)
    }

    private func agentsSpec() -> JobSpec {
        JobSpec(
            name: "agents", type: .system,
            tasks: [
                JobTask(name: "agent", after: after(), spec: lasting()),
                JobTask(name: Self.base, spec: base()),
            ])
    }

    /// What other tasks of its job start after.
    static let base = "base"

    private func base() -> TaskSpec {
        var spec = lasting()
        if world.random.chance(0.5) { spec.health = HealthCheck.draw(&world.random) }
        return spec
    }

    private func after() -> [TaskDependency] {
        let dependency = TaskDependency(world.random.pick([Self.base, "\(Self.base):started"]))
        return world.bug == .ignoresOrder ? [] : [dependency]
    }

    private func part() -> TaskSpec {
        var spec = TaskSpec(executable: "/bin/part")
        spec.resources.cpuMillis = 200
        spec.stopGrace = Seconds(1)
        (spec.onDisconnect, spec.stopAfter) = (.stopAfter, Seconds(1))
        return spec
    }

    private func cronSpec() -> JobSpec {
        JobSpec(
            name: "nightly", type: .cron,
            cron: CronPolicy(
                schedule: "*/2 * * * *", concurrency: world.random.pick(CronPolicy.Concurrency.allCases)),
            tasks: [JobTask(name: "part", instances: 2, retries: 3, spec: part())])
    }

    private func runBatch() {
        let spec = part()
        let name = "batch-\(batches.count)-\(world.now)"
        run(
            JobSpec(
                name: name, type: .batch,
                tasks: [
                    JobTask(
                        name: "part", instances: 4 + world.random.next(below: 8), parallelism: 4,
                        retries: 100,
                        spec: spec), JobTask(name: "sum", retries: 100, after: ["part"], spec: spec),
                ])
        ) { self.batches.append($0) }
    }

    private func changeService() { run(serviceSpec(mayFail: true)) { _ in } }

    private func run(_ spec: JobSpec, _ done: @escaping (JobID) -> Void) {
        let world = world
        let id: JobID = world.identifiers.make()
        ask(
            { works in
                let now = world.leader?.civil ?? Timestamp(microseconds: 0)
                guard var work = works.values.first(where: { $0.job.name == spec.name }) else {
                    let job = JobRecord(
                        id: id, name: spec.name, project: "default", spec: spec, createdAt: now,
                        createdBy: "user://local/admin")
                    return (id, JobWork(job: job))
                }
                do throws(JobRefusal) {
                    try work.run(spec, by: "user://local/admin", at: now)
                } catch {
                    return nil
                }
                return (work.job.id, work)
            }, done)
    }

    private func ask(
        _ decide: @escaping ([JobID: JobWork]) -> (JobID, JobWork?)?, _ done: @escaping (JobID) -> Void
    ) {
        let again = { [self] in
            world.after(world.random.number(Span.second...4 * Span.second)) { [self] in ask(decide, done) }
        }
        guard let manager = world.leader else { return again() }
        var isOver = false
        manager.perform {
            manager.command(decide) { id in
                guard !isOver else { return }
                isOver = true
                if let id { done(id) } else { again() }
            }
        }
        world.after(20 * Span.second) {
            if !isOver {
                isOver = true
                again()
            }
        }
    }

    /// Stops all there is.
    func stopAll() {
        for id in world.store.jobs.keys.sorted() {
            ask({ works in
                guard var work = works[id] else { return nil }
                work.stop()
                return (id, work)
            }) { _ in }
        }
    }
}
