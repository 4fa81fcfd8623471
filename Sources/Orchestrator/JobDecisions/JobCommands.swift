public import Core
public import JobModel

// What people ask of a job.
extension JobWork {
    /// Gives the job another specification. The same as there is changes nothing, but starts again what was over.
    public mutating func run(_ spec: JobSpec, by principal: String, at now: Timestamp) throws(JobRefusal) {
        guard spec.type == job.spec.type else { throw .otherType(job.spec.type) }
        if spec == job.spec, !job.state.isFinal, !job.isStopped { return }
        adopt(spec, by: principal, revertsTo: nil, at: now)
    }

    mutating func adopt(_ spec: JobSpec, by principal: String, revertsTo: Int?, at now: Timestamp) {
        let before = job.spec
        job.revision += 1
        job.version += 1
        job.spec = spec
        job.isStopped = false
        job.finishedAt = nil
        job.state = .pending
        job.createdBy = principal
        job.history.append(
            JobVersion(version: job.version, spec: spec, createdAt: now, createdBy: principal))
        let old = job.groups
        job.groups = spec.tasks.map { task in
            var isSame = false
            if let other = before.task(task.name) { isSame = before.template(other) == spec.template(task) }
            let found = old.first { $0.name == task.name }
            guard isSame, spec.type != .batch, var group = found else {
                return JobGroup(
                    name: task.name, desired: task.instances,
                    template: standing(task, of: spec) ?? job.version)
            }
            group.desired = task.instances
            // What comes after something else than before waits for that, also where it is made of the same.
            if before.task(task.name)?.after != task.after { group.released = nil }
            return group
        }
        // From now on by the new schedule; what is running goes on as it is.
        if let settled = job.cron?.settledUntil { job.cron?.settledUntil = max(settled, now) }
        if spec.type == .service {
            job.rollout = Rollout(version: job.version, revertsTo: revertsTo, at: now)
        }
        trimHistory()
    }

    /// The version of instances that are there and are made of the same: what goes back keeps those that were not replaced yet.
    private func standing(_ task: JobTask, of spec: JobSpec) -> Int? {
        guard spec.type == .service else { return nil }
        let versions = Set(
            instances.lazy.filter { $0.group == task.name && $0.phase == .active }.map(\.version))
        return versions.sorted(by: >).first { version in
            guard let other = job.history.last(where: { $0.version <= version })?.spec,
                let before = other.task(task.name)
            else { return false }
            return other.template(before) == spec.template(task)
        }
    }

    /// Old versions go, but never one that instances are made of, nor the last that was stable.
    private mutating func trimHistory() {
        let used = Set(job.groups.map(\.template)).union(
            instances.lazy.filter { !$0.phase.isOver }.map(\.version)
        ).union((job.cron?.runs ?? []).lazy.filter { !$0.state.isFinal }.map(\.version))
        let stable = job.history.last(where: \.isStable)?.version
        while job.history.count > Self.historyLimit {
            guard
                let place = job.history.dropLast().firstIndex(where: {
                    !used.contains($0.version) && $0.version != stable
                })
            else { return }
            job.history.remove(at: place)
        }
    }

    /// Goes back to an older version, as a new one.
    public mutating func revert(
        to version: Int?, by principal: String, at now: Timestamp
    ) throws(JobRefusal) {
        let older = job.history.dropLast()
        let fallback = older.last(where: \.isStable)?.version ?? older.last?.version ?? 0
        let wanted = version ?? fallback
        guard wanted != job.version else { throw .isThatVersion(wanted) }
        guard let found = older.first(where: { $0.version == wanted }) else {
            throw .noSuchVersion(wanted, older.map(\.version))
        }
        adopt(found.spec, by: principal, revertsTo: found.version, at: now)
    }

    /// Changes how many instances a task of a service has.
    public mutating func scale(
        _ task: String?, to instances: Int, by principal: String, at now: Timestamp
    ) throws(JobRefusal) {
        guard job.spec.type == .service else { throw .notAService(job.spec.type) }
        guard instances <= Self.instanceLimit else { throw .tooMany(instances, limit: Self.instanceLimit) }
        let names = job.spec.tasks.map(\.name)
        let name = task ?? (names.count == 1 ? names[0] : "")
        guard let place = names.firstIndex(of: name) else { throw .noSuchTask(name, names) }
        guard job.spec.tasks[place].instances != instances || job.isStopped else { return }
        var spec = job.spec
        spec.tasks[place].instances = instances
        adopt(spec, by: principal, revertsTo: nil, at: now)
    }

    /// Replaces all instances of a service or a system job, or those of one of its tasks, by others of the same, step by step as an
    /// update does. It is a version of its own, whose specification is that of the one before.
    public mutating func restart(_ task: String?, by principal: String, at now: Timestamp) throws(JobRefusal)
    {
        guard [.service, .system].contains(job.spec.type) else { throw .isNotKeptUp(job.spec.type) }
        guard !job.isStopped, !job.state.isFinal else { throw .isStopped }
        let names = job.spec.tasks.map(\.name)
        if let task, !names.contains(task) { throw .noSuchTask(task, names) }
        adopt(job.spec, by: principal, revertsTo: nil, at: now)
        for number in job.groups.indices where task == nil || job.groups[number].name == task {
            job.groups[number].template = job.version
        }
    }

    public mutating func stop() {
        guard !job.isStopped, !job.state.isFinal else { return }
        job.revision += 1
        job.isStopped = true
        job.rollout = nil
    }

    /// The tasks that go with the job when it is forgotten.
    public func removal() throws(JobRefusal) -> [JobDirective] {
        guard job.state.isFinal else { throw .notFinished(job.state) }
        return instances.map { .forget($0.task) }
    }
}
