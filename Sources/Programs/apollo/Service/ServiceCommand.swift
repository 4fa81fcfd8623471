import APIMessages
import Arguments
import ClusterModel
import Core
import Discovery
import PlatformClients
import Terminal

/// `apollo service`.
enum ServiceCommand {
    static let command = Command(
        "service", summary: "Where the instances of jobs answer", subcommands: [list, resolve])

    private static let list = Command(
        "ls", aliases: ["list"], summary: "List the jobs that others can find, and how much of each is ready",
        examples: [Example("what can be reached", "apollo service ls")],
        seeAlso: ["apollo service resolve", "apollo job ls"]
    ) { invocation in
        let session = try Session(invocation)
        let services = try await session.withClient { try await $0.services() }
        try session.output.write(
            services, as: session.format,
            Table([
                Column("NAME") { $0.name }, Column("READY", .right) { "\($0.ready)/\($0.wanted)" },
                Column("DOMAIN") { $0.domain },
            ]))
        return .success
    }

    private static let name = Parameter.argument(
        ValueType<String>("NAME", expecting: "JOB, TASK.JOB, or a name that ends in .apollo.internal") {
            ServiceAddress(parsing: $0, project: "default") == nil ? nil : $0
        }, help: "JOB, TASK.JOB, or the whole name as DNS has it.")

    private static let resolve = Command(
        "resolve", summary: "Show where the instances of a job answer that are ready",
        discussion: """
            It is what DNS tells on the workers, which say it to programs: addresses by A and AAAA, ports by SRV. What is bound \
            to a machine's loopback is reached on that machine alone.
            """,
        parameters: [name],
        examples: [
            Example("all of a job", "apollo service resolve web"),
            Example("one of its tasks, as DNS calls it", "apollo service resolve server.web.apollo.internal"),
        ], seeAlso: ["apollo service ls"]
    ) { invocation in
        let session = try Session(invocation)
        let project = session.target.project
        guard let address = ServiceAddress(parsing: invocation[name], project: project) else {
            throw ApolloError(.invalid, "'\(invocation[name])' is no name of a service")
        }
        var detail = try await session.withClient {
            try await $0.service(address.service.job, project: address.service.project)
        }
        if let task = address.task { detail.endpoints.removeAll { $0.task != task } }
        guard session.format == .table else {
            try session.output.writeJSON(detail)
            return .success
        }
        guard !detail.endpoints.isEmpty else {
            let what =
                address.task.map { "'\($0)' of '\(detail.service.name)'" } ?? "'\(detail.service.name)'"
            throw ApolloError(
                .unavailable, "nothing of \(what) is ready",
                hint: "'apollo job status \(detail.service.name)' says why")
        }
        try session.output.write(
            detail.endpoints, as: .table,
            Table([
                Column("INSTANCE") { $0.name }, Column("NODE") { $0.node }, Column("ADDRESS") { $0.address },
                Column("PORTS") { $0.ports.map(text).joined(separator: ", ") },
            ]))
        return .success
    }

    /// `http 10.0.0.2:8080`.
    private static func text(_ port: ServiceEndpoint.Port) -> String {
        let host = port.address.contains(":") ? "[\(port.address)]" : port.address
        let transport = port.transport == .tcp ? "" : "/\(port.transport.rawValue)"
        return "\(port.name ?? "\(port.container)") \(host):\(port.port)\(transport)"
    }
}
