import Buses
public import Core
import Documents
import JobDecisions
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
    func announce(_ change: JobChange) {
        guard let bus, let job = (change.after ?? change.before)?.job else { return }
        do {
            let payload: [UInt8]
            if let json = change.json {
                payload = json
            } else if change.after == nil {
                payload = try JSONWriter.bytes(
                    encoding: JobEvents.Removal(id: job.id, name: job.name, project: job.project))
            } else {
                return  // It is as it was.
            }
            let last = change.after == nil ? "removed" : "state"
            guard let subject = Subject(["jobs", job.project, job.id.text, last]) else { return }
            try bus.publish(subject, payload)
        } catch {
            // Whoever listens finds out by looking: the database has it.
            note("a change of job \(job.name) could not be told on the bus: \(error)")
        }
    }
}
