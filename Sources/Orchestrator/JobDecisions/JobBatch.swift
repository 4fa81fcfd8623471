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
            latest.contains {
                $0 != Self.none && instances[$0].phase == .failed && instances[$0].attempt > task.retries
            }
        }
        if isLost {
            for index in instances.indices { end(index, "another of its job has failed", world, &decision) }
            return
        }
        for (number, task) in job.spec.tasks.enumerated() {
            let isFree = task.after.allSatisfy { before in
                let wanted = job.spec.task(before.task)?.instances ?? 0
                let done = job.spec.tasks.firstIndex { $0.name == before.task }.map { latest[$0] } ?? []
                return done.count(where: { $0 != Self.none && instances[$0].phase == .completed }) >= wanted
            }
            if isFree { runThrough(number, task, latest[number], world, &decision) }
        }
    }

    /// Stands for no instance in ``latest()``.
    private static var none: Int { -1 }

    /// For each task of the job, and for each index of it, where its latest instance is.
    private func latest() -> [[Int]] {
        var places = GroupPlaces(job.spec.tasks.map(\.name))
        var latest = job.spec.tasks.map { [Int](repeating: Self.none, count: $0.instances) }
        for place in instances.indices {
            guard let number = places[instances[place].group] else { continue }
            let index = instances[place].index
            // There may be more of them than are wanted by now.
            while latest[number].count <= index { latest[number].append(Self.none) }
            let other = latest[number][index]
            if other != Self.none, instances[other].attempt > instances[place].attempt { continue }
            latest[number][index] = place
        }
        return latest
    }

    private mutating func runThrough(
        _ number: Int, _ task: JobTask, _ latest: [Int], _ world: JobWorld,
        _ decision: inout JobDecision
    ) {
        let group = job.groups[number]
        let live = latest.count(where: { $0 != Self.none && !instances[$0].phase.isOver })
        var room = (task.parallelism ?? task.instances) - live
        for index in 0..<task.instances where room > 0 {
            let last = latest[index]
            guard last != Self.none else {
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
