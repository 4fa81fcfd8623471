import Core
import JobModel

// Batches: every index runs to its end once, in the order of what comes after what.
extension JobWork {
    mutating func runThrough(_ world: JobWorld, _ decision: inout JobDecision) {
        // What an older version left over has to be over first: no index runs twice at once.
        let leftover = instances.indices.filter { instances[$0].version != job.version }
        if leftover.contains(where: { !instances[$0].phase.isOver }) {
            for index in leftover { end(index, "its job is run again", world, &decision) }
            return
        }
        if !leftover.isEmpty { instances.removeAll { $0.version != job.version } }
        let latest = latest()
        let isLost = zip(job.spec.tasks, latest).contains { task, latest in
            latest.contains { place in
                place.map { instances[$0].phase == .failed && instances[$0].attempt > task.retries } ?? false
            }
        }
        if isLost {
            for index in instances.indices { end(index, "another of its job has failed", world, &decision) }
            return
        }
        for (number, task) in job.spec.tasks.enumerated() {
            let isFree = task.after.allSatisfy { before in
                guard let number = job.spec.tasks.firstIndex(where: { $0.name == before.task }) else {
                    return true
                }
                return latest[number].allSatisfy { $0.map { instances[$0].phase == .completed } ?? false }
            }
            if isFree { runThrough(number, task, latest[number], world, &decision) }
        }
    }

    /// For each task of the job, which instance is the latest of each index; nil where there is none yet.
    private func latest() -> [[Int?]] {
        var places = GroupPlaces(job.spec.tasks.map(\.name))
        var latest = job.spec.tasks.map { [Int?](repeating: nil, count: $0.instances) }
        for place in instances.indices {
            let index = instances[place].index
            // An index is below the number of its task, for all are of the job's own version.
            guard let number = places[instances[place].group], latest[number].indices.contains(index) else {
                continue
            }
            let other = latest[number][index]
            if let other, instances[other].attempt > instances[place].attempt { continue }
            latest[number][index] = place
        }
        return latest
    }

    private mutating func runThrough(
        _ number: Int, _ task: JobTask, _ latest: [Int?], _ world: JobWorld,
        _ decision: inout JobDecision
    ) {
        let group = job.groups[number]
        let live = latest.count { $0.map { !instances[$0].phase.isOver } ?? false }
        var room = (task.parallelism ?? task.instances) - live
        for index in 0..<task.instances where room > 0 {
            guard let last = latest[index] else {
                guard decision.takeRoom(world) else { return }
                plan(group, index: index, world, &decision)
                room -= 1
                continue
            }
            guard instances[last].phase.isOver, instances[last].phase != .completed else { continue }
            guard mayPlan(group, world, &decision) else { continue }
            guard decision.takeRoom(world) else { return }
            let tries = instances[last].attempt + (isFailure(instances[last]) ? 1 : 0)
            plan(group, index: index, attempt: tries, world, &decision)
            room -= 1
        }
    }

    func isFailure(_ instance: JobInstance) -> Bool { instance.phase == .failed }
}
