import ClusterModel
import Core
import JobModel
import Scheduling

// System jobs: one instance on each node that fits.
extension JobWork {
    mutating func keepOnNodes(_ number: Int, _ world: JobWorld, _ decision: inout JobDecision) {
        let group = job.groups[number]
        guard let task = job.spec.task(group.name) else { return }
        let spec = job.spec.template(task)
        let fitting = world.nodes.filter { node in spec.constraints.allSatisfy { $0.holds(for: node.labels) }
        }
        job.groups[number].desired = fitting.count
        let live = instances.indices.filter {
            instances[$0].group == group.name && !instances[$0].phase.isOver
        }
        var isTaken: Set<String> = []
        var old: [Int] = []
        var unready = 0
        for index in live {
            let node = instances[index].node ?? ""
            isTaken.insert(node)
            if !fitting.contains(where: { $0.name == node }) {
                end(index, "its node does not fit any more", world, &decision)
            } else if instances[index].version != group.template {
                old.append(index)
                if !isReady(index, world, &decision) { unready += 1 }
            } else if !isReady(index, world, &decision) {
                unready += 1
            }
        }
        // A node is left without its instance while the new one takes its place: so many at once.
        job.groups[number].waitsFor = nil
        for index in old {
            if let obstacle = obstacle(to: group, on: instances[index].node, world, &decision) {
                job.groups[number].waitsFor = obstacle
                continue
            }
            let counts = isReady(index, world, &decision)
            guard !counts || unready < max(1, job.spec.update.maxUnavailable) else { continue }
            if counts { unready += 1 }
            end(index, "a new version takes its place", world, &decision)
        }
        guard mayPlan(group, world, &decision) else { return }
        for (place, node) in fitting.enumerated() where node.isReady && !isTaken.contains(node.name) {
            if let obstacle = obstacle(to: group, on: node.name, world, &decision) {
                job.groups[number].waitsFor = obstacle
                continue
            }
            guard decision.takeRoom(world) else { return }
            plan(job.groups[number], index: place, node: node.name, world, &decision)
        }
    }
}
