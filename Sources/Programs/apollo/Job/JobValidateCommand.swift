import Arguments
import JobModel
import Terminal

/// `apollo job validate`.
enum JobValidateCommand {
    static let command = Command(
        "validate", summary: "Check a job's file without a platform",
        parameters: [JobCommand.file, JobCommand.place],
        examples: [Example("is it right", "apollo job validate -f web.yaml")], seeAlso: ["apollo job schema"]
    ) { invocation in
        let session = try Session(invocation)
        let spec = try JobFile.read(invocation)
        let instances = spec.tasks.reduce(0) { $0 + $1.instances }
        var text = spec.type == .system ? "one instance a node" : "\(instances) instances"
        if let cron = spec.cron { text += " at '\(cron.schedule)' in \(cron.timeZone)" }
        try session.output.write("job '\(spec.name)' is well-formed: \(spec.type.rawValue), \(text)\n")
        return .success
    }
}
