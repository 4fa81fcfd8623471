import JobModel

// The order in which the tasks of a service or a system job start: one comes after others that have started, or are healthy.
extension JobWork {
    /// Whether what a service's task starts after is so. From then on it counts for all that is made of its template: an instance that
    /// takes the place of another later waits for nobody.
    mutating func isReleased(_ number: Int, _ world: JobWorld, _ decision: inout JobDecision) -> Bool {
        let group = job.groups[number]
        job.groups[number].waitsFor = nil
        guard group.released != group.template else { return true }
        if let obstacle = obstacle(to: group, world, &decision) {
            job.groups[number].waitsFor = obstacle
            return false
        }
        job.groups[number].released = group.template
        return true
    }

    /// What a task waits for, in words; nil for nothing. On a node, it is what is there.
    func obstacle(
        to group: JobGroup, on node: String? = nil, _ world: JobWorld, _ decision: inout JobDecision
    ) -> String? {
        let after = job.spec.task(group.name)?.after ?? []
        let missing = after.compactMap { unmet($0, on: node, world, &decision) }
        return missing.isEmpty ? nil : missing.joined(separator: ", ")
    }

    private func unmet(
        _ dependency: TaskDependency, on node: String?, _ world: JobWorld, _ decision: inout JobDecision
    ) -> String? {
        guard let other = job.groups.first(where: { $0.name == dependency.task }),
            let condition = dependency.condition(in: job.spec.type)
        else { return nil }
        let wanted = node == nil ? other.desired : 1
        var count = 0
        for index in instances.indices
        where instances[index].group == other.name && instances[index].phase == .active
            && instances[index].version == other.template && (node == nil || instances[index].node == node)
        {
            switch condition {
            case .started: if instances[index].runningSince != nil { count += 1 }
            case .healthy: if isReady(index, world, &decision) { count += 1 }
            case .completed: break
            }
        }
        guard count < wanted else { return nil }
        let place = node.map { " on \($0)" } ?? ""
        return "\(other.name) to be \(condition.rawValue)\(place) (\(count) of \(wanted))"
    }
}
