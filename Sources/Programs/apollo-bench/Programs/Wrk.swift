import Benchmarks
import Core

/// The load of `wrk`: short bounded runs on two threads. Every response must be a success.
enum Wrk {
    static func load(
        _ url: String, connections: Int = 64, seconds: Int = 2, fields: [String] = [], script: String? = nil,
        in workshop: Workshop
    ) async throws -> WrkReport {
        var arguments = ["-t2", "-c\(connections)", "-d\(seconds)s"] + fields.flatMap { ["-H", $0] }
        if let script { arguments += ["-s", script] }
        arguments.append(url)
        let text = try await workshop.run("wrk", arguments, within: .seconds(seconds + 30)).output
        guard let report = WrkReport(parsing: text) else {
            throw ApolloError(.unavailable, "wrk prints what cannot be read: \(text.prefix(500))")
        }
        guard report.failures == 0, report.requests > 0 else {
            throw ApolloError(
                .unavailable, "\(report.failures) of \(report.requests) requests to \(url) failed")
        }
        return report
    }

    /// A sampler of requests per second, after a second in which everything grows warm.
    static func rate(
        _ url: String, connections: Int = 64, fields: [String] = [], in workshop: Workshop
    ) async throws -> Contest.Sampler {
        _ = try await load(url, connections: connections, seconds: 1, fields: fields, in: workshop)
        return {
            try await load(url, connections: connections, fields: fields, in: workshop).requestsPerSecond
        }
    }
}
