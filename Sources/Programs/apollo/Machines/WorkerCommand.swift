import Arguments
import Configuration
import Core
import Glibc
import Terminal

/// `apollo worker`.
enum WorkerCommand {
    private static let join = Parameter.option(
        "join", .text("TOKEN@ADDRESS"),
        help: "A join token and where the manager's API answers. Needed once: a machine stays joined.")
    private static let joinFile = Parameter.option(
        "join-file", .path,
        help:
            "A file with TOKEN@ADDRESS on its first line, '-' for the standard input: others may see what is on a line."
    )
    private static let name = Parameter.option(
        "name", .text("NAME"), help: "What this machine is called; its host's name unless set.")
    private static let label = Parameter.repeated(
        "label", short: "l", .keyValue, help: "A label of this machine, for constraints of tasks.")
    private static let listen = Parameter.option(
        "listen", .text("ADDRESS"),
        help: "The address on which the manager calls this worker; 127.0.0.1 unless set.")
    private static let port = Parameter.option(
        "port", .integer("PORT", in: 0...65535 as ClosedRange<UInt16>),
        help: "The port on which the manager calls it; 0 for one that is free. 7074 unless set.")

    static let dns = Parameter.option(
        "dns", .text("ADDRESS:PORT"),
        help:
            "Where to answer DNS for <job>.apollo.internal; with commas between several. Nowhere unless set.")

    static let command = Command(
        "worker", summary: "Run tasks on this machine for a manager on another",
        discussion: """
            Joins the platform of the manager by a token, the first time, and runs tasks for it, in the foreground. From \
            then on manager and worker know each other by certificates of the platform's own authority, and the token is \
            not needed any more. Ctrl-C ends it; tasks run on and are taken over by the next 'apollo worker' on the same \
            directory.

            Its files are in 'worker' below the data directory.
            """,
        parameters: [
            join, joinFile, name, label, listen, port, dns, UpCommand.socket, UpCommand.processes,
            UpCommand.logLevel, UpCommand.logFormat,
        ],
        examples: [
            Example(
                "join, and work", "apollo worker --join apj_….….…@10.0.0.1:7070 --listen 10.0.0.2 --name db-1"
            ),
            Example("work again, after a restart", "apollo worker --listen 10.0.0.2"),
            Example(
                "a second machine, on the manager's own",
                "apollo worker --data /tmp/one --port 0 --name one --join-file token"),
        ],
        seeAlso: ["apollo manager", "apollo node token create", "apollo node ls"]
    ) { invocation in
        let variables = ProcessVariables.current
        let configuration = try ConfigurationLoader(
            settings: PlatformSettings.all, host: .current(variables: variables)
        ).load(path: invocation[GlobalOptions.config], flags: flags(invocation))
        var labels = try NodeLabels.parse(configuration[PlatformSettings.nodeLabels] ?? "")
        for given in invocation[label] {
            labels.merge(try NodeLabels.parse("\(given.key)=\(given.value)")) { $1 }
        }
        let process = WorkerProcess(
            configuration: configuration, variables: variables,
            output: .standardOutput(variables: variables),
            invitation: try WorkerInvitation.given(invocation[join], file: invocation[joinFile]),
            name: invocation[name] ?? hostName, labels: labels,
            authorities: invocation[GlobalOptions.authorities] ?? variables["APOLLO_CA_FILE"])
        return try await process.run()
    }

    private static func flags(_ invocation: Invocation) -> [ConfigurationLoader.Flag] {
        var flags: [ConfigurationLoader.Flag] = []
        func flag(_ key: String, _ name: String, _ value: String?) {
            if let value { flags.append(.init(key: key, text: value, spelling: "--\(name)")) }
        }
        flag("data.directory", "data", invocation[GlobalOptions.data])
        flag("worker.port", "port", invocation[port].map { "\($0)" })
        flag("worker.address", "listen", invocation[listen])
        flag("dns.listen", "dns", invocation[dns])
        flag("docker.socket", "docker-socket", invocation[UpCommand.socket])
        if invocation.isGiven(UpCommand.processes) {
            flag("process.enabled", "processes", "\(invocation[UpCommand.processes])")
        }
        flag("log.level", "log-level", invocation[UpCommand.logLevel]?.rawValue)
        flag("log.format", "log-format", invocation[UpCommand.logFormat]?.rawValue)
        return flags
    }

    /// The host's name as machines may be called: its first part, in small letters.
    private static var hostName: String {
        var names = utsname()
        uname(&names)
        let text = withUnsafeBytes(of: &names.nodename) {
            String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
        }
        return String(text.prefix { $0 != "." }).lowercased()
    }
}
