import ClusterModel
public import Core
import JobDecisions
public import JobModel

// What people ask of jobs. Each returns once it is stored.
extension JobKeeper {
    /// Makes the job, or gives the one of that name its new specification.
    ///
    /// - Parameters:
    ///   - condition: given the revision that is there, nil for none; what it throws keeps all as it is.
    ///   - key: a second call with the same one changes nothing.
    public func run(
        _ spec: JobSpec, project: String, by principal: String, key: String?,
        if condition: @escaping @Sendable (Int64?) throws -> Void = { _ in }
    ) async throws -> JobRecord {
        let (id, now): (JobID, Timestamp) = (environment.identifier(), environment.wallClock.now)
        return try await present(
            command(key: key) { jobs in
                guard var work = jobs.find(spec.name, project: project) else {
                    try condition(nil)
                    let job = JobRecord(
                        id: id, name: spec.name, project: project, spec: spec, createdAt: now,
                        createdBy: principal)
                    return (id, JobWork(job: job))
                }
                try condition(work.job.revision)
                try Self.explained(work) { work throws(JobRefusal) in
                    try work.run(spec, by: principal, at: now)
                }(&work)
                return (work.job.id, work)
            })
    }

    /// What running the job would come to; changes nothing.
    public func plan(_ spec: JobSpec, project: String) throws -> JobPlan {
        let before = JobLookup(keeper: self).find(spec.name, project: project)
        let open = (before?.instances ?? []).filter { !$0.phase.isOver }.map(\.task)
        var rehearsal = cluster.rehearsal(project: project, tasks: open)
        var plan: JobPlan
        do throws(JobRefusal) {
            plan = try JobPlanner.plan(spec, over: before, project: project, in: world(), &rehearsal)
        } catch {
            throw error.asApolloError(spec.name)
        }
        if let before { plan.differences = try before.job.spec.differences(to: spec) }
        return plan
    }

    public func scale(
        _ id: JobID, task: String?, to instances: Int, by principal: String,
        if condition: @escaping @Sendable (Int64?) throws -> Void
    ) async throws -> JobRecord {
        let now = environment.wallClock.now
        return try await change(id, if: condition) { work throws(JobRefusal) in
            try work.scale(task, to: instances, by: principal, at: now)
        }
    }

    public func revert(
        _ id: JobID, to version: Int?, by principal: String,
        if condition: @escaping @Sendable (Int64?) throws -> Void
    ) async throws -> JobRecord {
        let now = environment.wallClock.now
        return try await change(id, if: condition) { work throws(JobRefusal) in
            try work.revert(to: version, by: principal, at: now)
        }
    }

    /// Replaces the instances of a job, or of one of its tasks, by others of the same.
    public func restart(
        _ id: JobID, task: String?, by principal: String,
        if condition: @escaping @Sendable (Int64?) throws -> Void
    ) async throws -> JobRecord {
        let now = environment.wallClock.now
        return try await change(id, if: condition) { work throws(JobRefusal) in
            try work.restart(task, by: principal, at: now)
        }
    }

    public func stop(
        _ id: JobID, if condition: @escaping @Sendable (Int64?) throws -> Void
    ) async throws -> JobRecord {
        try await change(id, if: condition) { work throws(JobRefusal) in work.stop() }
    }

    /// Has a cron job begin a run now.
    public func trigger(
        _ id: JobID, by principal: String, if condition: @escaping @Sendable (Int64?) throws -> Void
    ) async throws -> JobRecord {
        let now = environment.wallClock.now
        return try await change(id, if: condition) { work throws(JobRefusal) in
            try work.trigger(by: principal, at: now)
        }
    }

    /// Has a cron job begin no runs by itself, or again.
    public func suspend(
        _ id: JobID, _ isSuspended: Bool, if condition: @escaping @Sendable (Int64?) throws -> Void
    ) async throws -> JobRecord {
        let now = environment.wallClock.now
        return try await change(id, if: condition) { work throws(JobRefusal) in
            try work.suspend(isSuspended, at: now)
        }
    }

    /// Forgets a job that is over, and its tasks.
    public func remove(_ id: JobID, if condition: @escaping @Sendable (Int64?) throws -> Void) async throws {
        let tasks = instances(id).map(\.task)
        _ = try await command(key: nil) { jobs in
            guard let work = jobs.find(id) else { throw Self.unknown }
            try condition(work.job.revision)
            do throws(JobRefusal) {
                _ = try work.removal()
            } catch {
                throw error.asApolloError(work.job.name)
            }
            return (id, nil)
        }
        await withTaskGroup(of: Void.self) { group in
            for (number, task) in tasks.enumerated() {
                if number >= Self.removalsAtOnce { await group.next() }
                group.addTask { await self.forget(task) }
            }
        }
    }

    private static let removalsAtOnce = 64

    private func forget(_ task: TaskID) async {
        do {
            try await cluster.forget(task)
        } catch {
            // The job is gone; what is left of it goes with the retention of tasks.
            note("a task of a removed job stays until it expires: \(error)")
        }
    }

    private func change(
        _ id: JobID, if condition: @escaping @Sendable (Int64?) throws -> Void,
        _ decide: @escaping @Sendable (inout JobWork) throws(JobRefusal) -> Void
    ) async throws -> JobRecord {
        try await present(
            command(key: nil) { jobs in
                guard var work = jobs.find(id) else { throw Self.unknown }
                try condition(work.job.revision)
                try Self.explained(work, decide)(&work)
                return (id, work)
            })
    }

    private static func explained(
        _ before: JobWork, _ decide: @escaping (inout JobWork) throws(JobRefusal) -> Void
    ) -> (inout JobWork) throws -> Void {
        { work in
            do throws(JobRefusal) {
                try decide(&work)
            } catch {
                throw error.asApolloError(before.job.name)
            }
        }
    }

    private func present(_ job: JobRecord?) throws -> JobRecord {
        guard let job else { throw Self.unknown }
        return job
    }

    private static var unknown: ApolloError {
        ApolloError(.notFound, "there is no such job any more", hint: "'apollo job ls' lists them")
    }
}

extension JobRefusal {
    func asApolloError(_ job: String) -> ApolloError {
        func field(_ path: String, _ message: String) -> [FieldError] {
            [FieldError(path: path, message: message)]
        }
        switch self {
        case .notAService(let type):
            return ApolloError(
                .conflict, "job '\(job)' is of type \(type.rawValue), and only services are scaled",
                hint: "change 'instances' in its file, and run that")
        case .isNotKeptUp(let type):
            return ApolloError(
                .conflict,
                "job '\(job)' is of type \(type.rawValue), and only what is kept up is restarted: services and system jobs",
                hint: type == .cron
                    ? "'apollo job trigger \(job)' begins a run"
                    : "running its file again runs all of it again")
        case .noSuchTask(let name, let names):
            let text = names.map { "'\($0)'" }.joined(separator: ", ")
            let fault =
                name.isEmpty
                ? "name one of its tasks: \(text)" : "it has no task '\(name)'; there are \(text)"
            return ApolloError(.invalid, "job '\(job)': \(fault)", fields: field("task", fault))
        case .noSuchVersion(let version, let versions):
            let kept = versions.isEmpty ? "none" : versions.map { "\($0)" }.joined(separator: ", ")
            return ApolloError(
                .invalid,
                "job '\(job)' has no older version \(versions.isEmpty ? "to go back to" : "\(version)")",
                hint: "'apollo job history \(job)' shows them",
                fields: field("version", "older versions that are kept: \(kept)"))
        case .isThatVersion(let version):
            return ApolloError(.conflict, "job '\(job)' is at version \(version) already")
        case .otherType(let type):
            return ApolloError(
                .conflict, "job '\(job)' is there already, of type \(type.rawValue)",
                hint: "use another name, or stop and remove that job first",
                fields: field("type", "is \(type.rawValue)"))
        case .notFinished(let state):
            return ApolloError(
                .conflict, "job '\(job)' is \(state.rawValue)", hint: "stop it first: apollo job stop \(job)")
        case .notCron(let type):
            return ApolloError(
                .conflict, "job '\(job)' is of type \(type.rawValue), and only cron jobs have runs",
                hint: "'apollo job run' runs a batch again")
        case .isStopped:
            return ApolloError(
                .conflict, "job '\(job)' is stopped", hint: "'apollo job run -f FILE' starts it again")
        case .runsAlready(let why):
            return ApolloError(
                .conflict, "job '\(job)' begins no run now: \(why)",
                hint: "wait for it, or change 'cron.concurrency' in its file")
        case .tooMany(let count, let limit):
            return ApolloError(
                .invalid, "job '\(job)': \(count) instances are too many",
                fields: field("instances", "must be at most \(limit)"))
        }
    }
}
