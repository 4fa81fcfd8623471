import ClusterModel
import JobDecisions
import JobModel
import TaskDecisions

/// Whether what starts after something does so.
extension VirtualManager {
    /// The first instances of a version are made when what they start after has come up. What that is, is known here by its name.
    func checkOrder(_ instance: JobInstance, of job: JobRecord) {
        // What a version was made of before something was put before it, goes on as it was.
        guard world.ledger.isFirst(job.id, instance), instance.group != JobClients.base,
            job.spec.tasks.contains(where: { $0.name == JobClients.base })
        else { return }
        let bases = jobs.works[job.id]?.instances.filter {
            $0.group == JobClients.base && (instance.node == nil || $0.node == instance.node)
        }
        let hasRun = bases?.contains { base in
            guard let record = core.tasks[base.task] else { return base.phase.isOver }
            return record.attemptCount > 1 || record.current?.startedAt != nil
        }
        world.check(
            hasRun == true, .jobAstray,
            "\(instance.name) of \(job.name) is made before \(JobClients.base) has run")
    }
}
