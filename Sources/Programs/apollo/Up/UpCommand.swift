import Arguments
import Concurrency
import Configuration
import Core
import Terminal

/// `apollo up`.
enum UpCommand {
    static let port = Parameter.option(
        "port", .integer("PORT", in: 0...65535 as ClosedRange<UInt16>),
        help: "The port to listen on; 0 for one that is free. 7070 unless set.")
    static let listen = Parameter.option(
        "listen", .text("ADDRESS"),
        help: "The address to listen on; 127.0.0.1 unless set. Beyond loopback TLS is required.")
    static let tls = Parameter.option(
        "tls", .choice(PlatformSettings.TLSMode.self, "MODE"),
        help:
            "Where the server's certificate comes from: own is made and renewed by the platform; files are those of --tls-certificate and --tls-key."
    )
    static let names = Parameter.option(
        "tls-names", .text("NAMES"),
        help: "The names and addresses for --tls own, with commas; those of this machine unless set.")
    static let certificate = Parameter.option(
        "tls-certificate", .path, help: "The server's certificate and those up to its authority, in PEM.")
    static let key = Parameter.option(
        "tls-key", .path, help: "The certificate's private key, in PEM.")
    static let database = Parameter.option(
        "database", .text("URL"),
        help:
            "Where the state is kept: sqlite:, or postgres://USER@HOST/DATABASE; a file in the data directory unless set."
    )
    static let socket = Parameter.option(
        "docker-socket", .path, help: "The socket of the container engine; the first that answers unless set."
    )
    static let processes = Parameter.flag(
        "processes", default: true, help: "Whether tasks may run executables of this machine.")
    static let logLevel = Parameter.option(
        "log-level", .choice(PlatformSettings.LogLevel.self, "LEVEL"),
        help: "How much the platform says of itself.")
    static let logFormat = Parameter.option(
        "log-format", .choice(PlatformSettings.LogFormat.self, "FORMAT"), help: "Lines for people, or JSON.")

    static let command = Command(
        "up", summary: "Start the platform on this machine",
        discussion: """
            Runs the whole platform in one process, in the foreground: the API, a node that is this machine, and the \
            data in one directory. Ctrl-C ends it; tasks run on and are adopted by the next 'apollo up' on the same \
            directory, and so they are when it is killed.

            Every call needs a token: the administrator's is made at the first start, in admin.token in the data directory.
            """,
        parameters: [
            port, listen, tls, names, certificate, key, database, WorkerCommand.dns, socket, processes,
            logLevel, logFormat,
        ],
        examples: [
            Example("the platform, with the data where they belong", "apollo up"),
            Example("a second one beside it", "apollo up --data /tmp/second --port 7171"),
            Example("for other machines, by TLS", "apollo up --listen 0.0.0.0 --tls own"),
        ],
        seeAlso: ["apollo task run", "apollo config show"]
    ) { invocation in
        let variables = ProcessVariables.current
        let configuration = try ConfigurationLoader(
            settings: PlatformSettings.all, host: .current(variables: variables)
        ).load(path: invocation[GlobalOptions.config], flags: flags(invocation))
        let process = PlatformProcess(
            configuration: configuration, variables: variables,
            output: .standardOutput(variables: variables))
        return try await process.run()
    }

    /// - Parameter hasWorker: whether the command has the options of what runs tasks.
    static func flags(_ invocation: Invocation, hasWorker: Bool = true) -> [ConfigurationLoader.Flag] {
        var flags: [ConfigurationLoader.Flag] = []
        func flag(_ key: String, _ name: String, _ value: String?) {
            if let value { flags.append(.init(key: key, text: value, spelling: "--\(name)")) }
        }
        flag("data.directory", "data", invocation[GlobalOptions.data])
        flag("http.port", "port", invocation[port].map { "\($0)" })
        flag("http.address", "listen", invocation[listen])
        flag("http.tls.mode", "tls", invocation[tls]?.rawValue)
        flag("http.tls.names", "tls-names", invocation[names])
        flag("http.tls.certificate", "tls-certificate", invocation[certificate])
        flag("http.tls.key", "tls-key", invocation[key])
        flag("database.url", "database", invocation[database])
        if hasWorker {
            flag("docker.socket", "docker-socket", invocation[socket])
            flag("dns.listen", "dns", invocation[WorkerCommand.dns])
        }
        if invocation.isGiven(processes) { flag("process.enabled", "processes", "\(invocation[processes])") }
        flag("log.level", "log-level", invocation[logLevel]?.rawValue)
        flag("log.format", "log-format", invocation[logFormat]?.rawValue)
        return flags
    }
}
