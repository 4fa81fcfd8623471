import Buses
public import Core
import Documents
public import JobModel

/// What is said of jobs on the bus, once it is stored.
public enum JobEvents {
    /// All of it.
    public static let jobs = "jobs.>"

    /// The jobs of one project.
    public static func jobs(in project: String) -> String { "jobs.\(project).>" }

    /// What became of a job that is forgotten.
    public struct Removal: Hashable, Sendable, Codable {
        public var id: JobID
        public var name: String
        public var project: String
    }
}

extension JobKeeper {
    /// Says what was stored: `jobs.<project>.<id>.state` with the record, `jobs.<project>.<id>.removed`.
    func announce(_ before: JobRecord?, _ after: JobRecord?) {
        guard let bus, before != after, let job = after ?? before else { return }
        do {
            let payload =
                if let after {
                    try JSONWriter.bytes(encoding: after)
                } else {
                    try JSONWriter.bytes(
                        encoding: JobEvents.Removal(id: job.id, name: job.name, project: job.project))
                }
            let last = after == nil ? "removed" : "state"
            guard let subject = Subject(["jobs", job.project, job.id.text, last]) else { return }
            try bus.publish(subject, payload)
        } catch {
            // Whoever listens finds out by looking: the database has it.
            note("a change of job \(job.name) could not be told on the bus: \(error)")
        }
    }
}
