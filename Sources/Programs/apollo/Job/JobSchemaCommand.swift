import Arguments
import Documents
import JobModel
import Terminal

/// `apollo job schema`.
enum JobSchemaCommand {
    static let command = Command(
        "schema", summary: "Print the JSON schema of job files, for editors",
        examples: [Example("keep it for an editor", "apollo job schema > job.schema.json")]
    ) { invocation in
        try Session(invocation).output.write(
            String(decoding: JSONWriter.bytes(of: JobSpec.schema.standaloneJSON), as: UTF8.self) + "\n")
        return .success
    }
}
