import Core
import Documents
import JobModel
import YAML

/// A job's file. Errors name line and column.
enum JobFile {
    static func read(_ path: String?) throws -> JobSpec {
        guard let path else {
            throw ApolloError(.invalid, "no file is named", hint: "give the job's file: -f job.yaml")
        }
        let bytes = try InputFile.read(path, limit: 1 << 20)
        let name = path == "-" ? "standard input" : path
        let document: Document
        do throws(YAMLError) {
            document = try YAMLReader().read(bytes, file: name)
        } catch {
            throw ApolloError(.invalid, "\(error)")
        }
        return try JobSpec.read(document, of: name)
    }
}
