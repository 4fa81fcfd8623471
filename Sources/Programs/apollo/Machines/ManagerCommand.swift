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

    private static let join = Parameter.option(
        "join", .text("TOKEN@ADDRESS"),
        help:
            "Be a further manager: a join token, and where a manager answers. Needed once; the database and the master key are the same."
    )
    private static let joinFile = Parameter.option(
        "join-file", .path,
        help:
            "A file with TOKEN@ADDRESS on its first line, '-' for the standard input: others may see what is on a line."
    )
    private static let name = Parameter.option(
        "name", .text("NAME"), help: "What it is called among several; its host's name unless set.")
    private static let advertise = Parameter.option(
        "advertise", .text("URL"),
        help: "Where others reach it, such as https://10.0.0.1:7070; its --listen unless set.")

    static let command = Command(
        "manager", summary: "Start a platform whose tasks run on other machines",
        discussion: """
            Runs the API and what decides, in the foreground, and no tasks on this machine: machines join it with \
            'apollo worker --join', each by a token of 'apollo node token create'. Ctrl-C ends it; tasks run on and are \
            taken over by the next 'apollo manager' on the same directory.

            Workers register at the address of --listen, by mutual TLS with certificates of the platform's own authority. \
            Beyond loopback the API needs TLS: --tls own, or --tls-certificate and --tls-key.

            With PostgreSQL several managers may share a platform: one leads, and another takes over when it is gone. The \
            first starts as ever, the others with --join.
            """,
        parameters: [
            UpCommand.port, UpCommand.listen, UpCommand.tls, UpCommand.names, UpCommand.certificate,
            UpCommand.key, UpCommand.database, nodesPort, lease, join, joinFile, name, advertise,
            UpCommand.processes, UpCommand.logLevel, UpCommand.logFormat,
        ],
        examples: [
            Example("try it on one machine", "apollo manager --data /tmp/manager"),
            Example(
                "for other machines",
                "apollo manager --listen 10.0.0.1 --tls own"),
            Example(
                "a second one, to take over",
                "apollo manager --listen 10.0.0.2 --tls own --database postgres://apollo@db.example/apollo --join-file token"
            ),
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
        if let name = invocation[name] {
            flags.append(.init(key: "manager.name", text: name, spelling: "--name"))
        }
        if let address = invocation[advertise] {
            flags.append(.init(key: "manager.address", text: address, spelling: "--advertise"))
        }
        let configuration = try ConfigurationLoader(
            settings: PlatformSettings.all, host: .current(variables: variables)
        ).load(path: invocation[GlobalOptions.config], flags: flags)
        let process = PlatformProcess(
            configuration: configuration, variables: variables,
            output: .standardOutput(variables: variables), scope: .manager,
            invitation: try WorkerInvitation.given(invocation[join], file: invocation[joinFile]),
            authorities: invocation[GlobalOptions.authorities] ?? variables["APOLLO_CA_FILE"])
        return try await process.run()
    }
}
