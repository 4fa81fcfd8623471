import Arguments
import Configuration
import Core
import Terminal

/// `apollo manager`.
enum ManagerCommand {
    private static let nodesPort = Parameter.option(
        "nodes-port", .integer("PORT", in: 0...65535 as ClosedRange<UInt16>),
        help: "The port on which workers register; 0 for one that is free. 7073 unless set.")

    private static let lease = Parameter.option(
        "lease", .text("DURATION"),
        help: "How long a worker may give no sign of life before its node is lost; 15s unless set.")

    static let command = Command(
        "manager", summary: "Start a platform whose tasks run on other machines",
        discussion: """
            Runs the API and what decides, in the foreground, and no tasks on this machine: machines join it with \
            'apollo worker --join', each by a token of 'apollo node token create'. Ctrl-C ends it; tasks run on and are \
            taken over by the next 'apollo manager' on the same directory.

            Workers register at the address of --listen, by mutual TLS with certificates of the platform's own authority. \
            Beyond loopback the API needs TLS: --tls own, or --tls-certificate and --tls-key.
            """,
        parameters: [
            UpCommand.port, UpCommand.listen, UpCommand.tls, UpCommand.names, UpCommand.certificate,
            UpCommand.key, UpCommand.database, nodesPort, lease,
            UpCommand.processes, UpCommand.logLevel, UpCommand.logFormat,
        ],
        examples: [
            Example("try it on one machine", "apollo manager --data /tmp/manager"),
            Example(
                "for other machines",
                "apollo manager --listen 10.0.0.1 --tls own"),
        ],
        seeAlso: ["apollo worker", "apollo node token create", "apollo up"]
    ) { invocation in
        let variables = ProcessVariables.current
        var flags = UpCommand.flags(invocation, hasWorker: false)
        if let port = invocation[nodesPort] {
            flags.append(.init(key: "nodes.port", text: "\(port)", spelling: "--nodes-port"))
        }
        if let lease = invocation[lease] {
            flags.append(.init(key: "nodes.lease", text: lease, spelling: "--lease"))
        }
        let configuration = try ConfigurationLoader(
            settings: PlatformSettings.all, host: .current(variables: variables)
        ).load(path: invocation[GlobalOptions.config], flags: flags)
        let process = PlatformProcess(
            configuration: configuration, variables: variables,
            output: .standardOutput(variables: variables), hasWorker: false)
        return try await process.run()
    }
}
