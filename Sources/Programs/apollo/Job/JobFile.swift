import Arguments
import Calendars
import Concurrency
import Core
import Documents
import JobModel
import YAML

/// A job's file. Errors name line and column.
enum JobFile {
    /// The job of the file that the command line names.
    static func read(_ invocation: Invocation) throws -> JobSpec {
        let named = [invocation[JobCommand.file], invocation[JobCommand.place]].compactMap { $0 }
        guard let path = named.first, named.count == 1 else {
            throw ApolloError(
                .invalid, named.isEmpty ? "no file is named" : "two files are named",
                hint: "give the job's file: -f job.yaml")
        }
        let bytes = try InputFile.read(path, limit: 1 << 20)
        let name = path == "-" ? "standard input" : path
        let document: Document
        do throws(YAMLError) {
            document = try YAMLReader().read(bytes, file: name)
        } catch {
            throw ApolloError(.invalid, "\(error)")
        }
        return try JobSpec.read(document, of: name, further: zoneFaults)
    }
    /// A time zone that is not known here is probably misspelt; where none is known, the platform says so.
    private static func zoneFaults(_ spec: JobSpec) -> [(path: DocumentPath, message: String)] {
        guard let zone = spec.cron?.timeZone, ZoneDirectory.isName(zone) else { return [] }
        let (zones, now) = (ZoneDirectory(), Environment.live.wallClock.now)
        // What is not known for sure is left to the platform.
        guard (try? zones.rules("Europe/Berlin", at: now)) != nil else { return [] }
        do throws(ApolloError) {
            _ = try zones.rules(zone, at: now)
            return []
        } catch {
            return [(DocumentPath([.key("cron"), .key("timeZone")]), error.message)]
        }
    }
}
