import Core
import JobModel

// What a job is called, of what its instances are.
extension JobWork {
    mutating func count(_ world: JobWorld, _ decision: inout JobDecision) {
        var places = GroupPlaces(job.groups.map(\.name))
        for number in job.groups.indices {
            job.groups[number].pending = 0
            job.groups[number].running = 0
            job.groups[number].ready = 0
            job.groups[number].completed = 0
            job.groups[number].failed = 0
        }
        for index in instances.indices {
            guard let number = places[instances[index].group] else {
                // Of a service's task that is no longer in the job nothing may be left.
                end(index, "its task is no longer in the job", world, &decision)
                continue
            }
            switch instances[index].phase {
            case .completed: job.groups[number].completed += 1
            case .failed: job.groups[number].failed += 1
            case .stopped: break
            case .planned, .active, .stopping:
                if instances[index].runningSince == nil {
                    job.groups[number].pending += 1
                } else {
                    job.groups[number].running += 1
                }
                if isReady(index, world, &decision) { job.groups[number].ready += 1 }
            }
        }
    }

    mutating func conclude(_ world: JobWorld) {
        let isBusy = instances.indices.contains { !instances[$0].phase.isOver }
        if job.isStopped {
            set(isBusy ? .stopping : .stopped, isBusy ? "its tasks are ending" : "was stopped", world)
        } else if job.spec.type == .batch {
            concludeBatch(isBusy, world)
        } else {
            concludeLasting(world)
        }
    }

    private mutating func concludeBatch(_ isBusy: Bool, _ world: JobWorld) {
        let done = job.groups.reduce(0) { $0 + $1.completed }
        let wanted = job.spec.tasks.reduce(0) { $0 + $1.instances }
        let lost = instances.indices.first { index in
            instances[index].phase == .failed && instances[index].version == job.version
                && instances[index].attempt > (job.spec.task(instances[index].group)?.retries ?? 0)
        }.map { instances[$0] }
        if let lost {
            let why = "\(lost.name) failed: \(lost.reason)"
            set(isBusy ? .stopping : .failed, why, world)
        } else if done >= wanted, !isBusy {
            set(.completed, "all \(wanted) are done", world)
        } else {
            set(
                job.groups.contains { $0.running > 0 } ? .running : .pending, "\(done) of \(wanted) are done",
                world)
        }
    }

    private mutating func concludeLasting(_ world: JobWorld) {
        let ready = job.groups.reduce(0) { $0 + min($1.ready, $1.desired) }
        let wanted = job.groups.reduce(0) { $0 + $1.desired }
        let problem = job.groups.compactMap(\.problem).last.map { "; last problem: \($0)" } ?? ""
        let order = job.groups.compactMap { group in
            group.waitsFor.map { "; \(group.name) waits for \($0)" }
        }.joined()
        if let rollout = job.rollout, job.history.count > 1 {
            let text =
                if rollout.hasFailed {
                    "the update to version \(rollout.version) has failed and is held; 'apollo job revert' goes back"
                } else if let old = rollout.revertsTo {
                    "goes back to what version \(old) was, as version \(rollout.version)"
                } else {
                    "version \(rollout.version) takes the place of the one before"
                }
            set(.updating, text + order + problem, world)
        } else if ready >= wanted {
            set(.running, wanted == 0 ? "nothing is wanted of it" : "\(wanted) of \(wanted) are ready", world)
        } else {
            let why =
                instances.first { !$0.phase.isOver && $0.readySince == nil }.map {
                    "; \($0.name): \($0.reason)"
                }
                ?? problem
            set(.pending, "\(ready) of \(wanted) are ready" + order + why, world)
        }
    }

    mutating func set(_ state: JobState, _ reason: String, _ world: JobWorld) {
        job.finishedAt = state.isFinal ? job.finishedAt ?? world.now : nil
        job.state = state
        job.reason = reason
    }
}

/// Where names stand in a list. Neighbours mostly ask for the same, which is found without a look-up; and few are found sooner by
/// looking through them than by their hash.
struct GroupPlaces {
    private let names: [String]
    private let places: [String: Int]
    private var lastName: String?
    private var lastPlace: Int?

    init(_ names: [String]) {
        self.names = names
        places =
            names.count < 8 ? [:] : Dictionary(names.enumerated().map { ($1, $0) }) { first, _ in first }
    }

    subscript(name: String) -> Int? {
        mutating get {
            if name != lastName {
                (lastName, lastPlace) = (name, places.isEmpty ? names.firstIndex(of: name) : places[name])
            }
            return lastPlace
        }
    }
}
