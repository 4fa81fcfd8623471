import Calendars
import ClusterModel
public import Core
public import Documents
import Scheduling

extension JobSpec {
    /// What the schema cannot say: names that stand twice, cycles, fields that belong to another type.
    public func faults() -> [(path: DocumentPath, message: String)] {
        var faults: [(path: DocumentPath, message: String)] = []
        let tasks = DocumentPath([.key("tasks")])
        if update.maxSurge == 0, update.maxUnavailable == 0 {
            let path = DocumentPath([.key("update"), .key("maxUnavailable")])
            faults.append((path, "must be at least 1 where 'maxSurge' is 0: else nothing could be replaced"))
        }
        faults += cronFaults() + sharedFaults
        for (index, task) in self.tasks.enumerated() {
            let path = tasks.appending(index)
            func fault(_ key: String, _ message: String) { faults.append((path.appending(key), message)) }
            if self.tasks[..<index].contains(where: { $0.name == task.name }) {
                fault("name", "'\(task.name)' is the name of another task already")
            }
            if !type.runsThrough {
                if task.parallelism != nil { fault("parallelism", "is for batch and cron jobs") }
                if task.retries != 0 { fault("retries", "is for batch and cron jobs; see 'restart'") }
            }
            if type == .system, task.instances != 1 {
                fault("instances", "is for the other types: a system job has one on each node")
            }
            for (number, dependency) in task.after.enumerated() {
                let place = path.appending("after").appending(number)
                if self.task(dependency.task) == nil {
                    let names = self.tasks.map { "'\($0.name)'" }.joined(separator: ", ")
                    faults.append((place, "'\(dependency.task)' is no task of this job; there are \(names)"))
                } else if let message = dependency.fault(in: type) {
                    faults.append((place, message))
                }
            }
            var own = task.spec
            if own.spread == nil { own.spread = spread }
            // What the job says for all its tasks may leave no node for this one.
            if sharedFaults.isEmpty, Constraint.faults(own.constraints).isEmpty {
                for (place, message) in Constraint.faults(sharedConstraints + own.constraints) {
                    let number = place - sharedConstraints.count
                    faults.append((path.appending("constraints").appending(number), message))
                }
            }
            for error in own.faults() {
                faults.append((path.appending(plain: error.path), error.message))
            }
        }
        if let cycle {
            let path = tasks.appending(self.tasks.firstIndex { $0.name == cycle[0] } ?? 0).appending("after")
            let round = (cycle + [cycle[0]]).joined(separator: " after ")
            faults.append((path, "goes round in a circle: \(round)"))
        }
        return faults
    }

    /// What the job says of the nodes of all its tasks.
    private var sharedConstraints: [Constraint] {
        (datacenters.isEmpty ? [] : [Constraint("datacenter", .isIn, datacenters)]) + constraints
    }

    private var sharedFaults: [(path: DocumentPath, message: String)] {
        let before = datacenters.isEmpty ? 0 : 1
        return Constraint.faults(sharedConstraints).map { place, message in
            (DocumentPath([.key("constraints")]).appending(place - before), message)
        }
    }

    private func cronFaults() -> [(path: DocumentPath, message: String)] {
        guard type == .cron else {
            return cron == nil ? [] : [(DocumentPath([.key("cron")]), "is for jobs of type cron")]
        }
        guard let cron else {
            return [(DocumentPath([.key("cron")]), "is missing: when it runs, such as {schedule: '@daily'}")]
        }
        var faults: [(path: DocumentPath, message: String)] = []
        do throws(CronSchedule.Fault) {
            _ = try CronSchedule(parsing: cron.schedule)
        } catch {
            faults.append((DocumentPath([.key("cron"), .key("schedule")]), error.description))
        }
        if !ZoneDirectory.isName(cron.timeZone) {
            let path = DocumentPath([.key("cron"), .key("timeZone")])
            faults.append((path, "must be a time zone such as Europe/Berlin, or UTC"))
        }
        return faults
    }

    /// The tasks of a circle of `after`, or nil.
    private var cycle: [String]? {
        var settled: Set<String> = []
        for task in tasks {
            var way: [String] = []
            if let found = walk(task.name, &way, &settled) { return found }
        }
        return nil
    }

    /// Depth first; as deep as a job has tasks, which its schema bounds.
    private func walk(_ name: String, _ way: inout [String], _ settled: inout Set<String>) -> [String]? {
        if let start = way.firstIndex(of: name) { return Array(way[start...]) }
        guard settled.contains(name) == false, let task = task(name) else { return nil }
        way.append(name)
        for before in task.after {
            if let found = walk(before.task, &way, &settled) { return found }
        }
        way.removeLast()
        settled.insert(name)
        return nil
    }

    /// The specification in `document`, checked as a whole; errors name every field at fault, with its place where there is one.
    ///
    /// - Parameter further: what whoever reads it finds beside that.
    public static func read(
        _ document: Document, of subject: String,
        further: (JobSpec) -> [(path: DocumentPath, message: String)] = { _ in [] }
    ) throws(ApolloError) -> JobSpec {
        var spec = try DocumentDecoder().decode(JobSpec.self, from: document, of: subject)
        spec.settleDefaults(document)
        let faults = spec.faults() + further(spec)
        guard !faults.isEmpty else { return spec }
        let fields = faults.map { fault in
            let place = document.place(of: fault.path).map { " (\($0))" } ?? ""
            return FieldError(path: fault.path.description, message: fault.message + place)
        }
        let count = fields.count == 1 ? "one thing is" : "\(fields.count) things are"
        throw ApolloError(.invalid, "\(count) wrong in \(subject)", fields: fields)
    }
}

extension JobSpec {
    /// What was left out, and what is taken for it hangs on the type of the job: a task that runs to its end must not run twice.
    fileprivate mutating func settleDefaults(_ document: Document) {
        guard type.runsThrough else { return }
        for index in tasks.indices
        where document.value["tasks"]?[index]?["onDisconnect"]?.isNull ?? true {
            tasks[index].spec.onDisconnect = .stopAfter
        }
    }
}

extension Document {
    /// `file:line:column` of the value at `path`, with as much of it as is known.
    fileprivate func place(of path: DocumentPath) -> String? {
        guard let location = location(of: path) else { return file }
        return file.map { "\($0):\(location)" } ?? "line \(location.line), column \(location.column)"
    }
}

extension DocumentPath {
    /// The path with a field's path as text appended, such as `mounts[1].target`.
    fileprivate func appending(plain text: String) -> DocumentPath {
        var path = self
        for part in text.split(whereSeparator: { $0 == "." || $0 == "[" || $0 == "]" }) {
            path = Int(part).map { path.appending($0) } ?? path.appending(String(part))
        }
        return path
    }
}
