import Arguments
import Configuration
import Core
import Terminal

/// `apollo registry` and `apollo objects`: a store of the platform's, and nothing that runs tasks.
enum ServeCommands {
    static let registry = Command(
        "registry", summary: "Serve the image registry alone",
        discussion: "'apollo up' and 'apollo manager' serve it beside everything else.",
        subcommands: [
            serve(
                .registry, summary: "Start an image registry, and nothing that runs tasks",
                discussion:
                    "Runs the registry with its users, tokens, rights and audit. There is no object store for S3.",
                parameters: [],
                settings: [("objects.enabled", "false"), ("images.enabled", "true")],
                spelling: "registry serve",
                examples: [
                    Example("on this machine", "apollo registry serve --data /srv/images"),
                    Example(
                        "for others", "apollo registry serve --data /srv/images --listen 0.0.0.0 --tls own"),
                ],
                seeAlso: ["apollo image", "apollo user create", "apollo grant add"])
        ])

    private static let port = Parameter.option(
        "s3-port", .integer("PORT", in: 0...65535 as ClosedRange<UInt16>),
        help: "The port to listen on for S3; 0 for one that is free. One above --port unless set.")

    static let objects = Command(
        "objects", summary: "Serve the object store alone",
        discussion:
            "'apollo up' and 'apollo manager' serve it beside everything else. 'apollo blob' is what talks to it.",
        subcommands: [
            serve(
                .objects, summary: "Start an object store, and nothing that runs tasks",
                discussion: """
                    Runs the store with its users, access keys, rights and audit: S3 at the port above that of the API, which \
                    'apollo blob', 'apollo user' and 'apollo grant' talk to. There is no image registry.
                    """,
                parameters: [port],
                settings: [("objects.enabled", "true"), ("images.enabled", "false")],
                spelling: "objects serve",
                examples: [
                    Example("on this machine", "apollo objects serve --data /srv/objects"),
                    Example(
                        "for others", "apollo objects serve --data /srv/objects --listen 0.0.0.0 --tls own"),
                    Example(
                        "a key for an S3 client of its own",
                        "apollo blob creds create laptop --data /srv/objects >> ~/.aws/credentials"),
                ],
                seeAlso: ["apollo blob", "apollo user create", "apollo grant add"])
        ])

    /// - Parameters:
    ///   - parameters: those that this store has beside what both have.
    ///   - settings: what switches it on, and the other off.
    ///   - spelling: what says so in messages.
    private static func serve(
        _ scope: PlatformScope, summary: String, discussion: String, parameters: [any CommandParameter],
        settings: [(key: String, text: String)], spelling: String, examples: [Example], seeAlso: [String]
    ) -> Command {
        Command(
            "serve", summary: summary,
            discussion: discussion + """
                 It runs in the foreground, on a data directory of its own: no tasks, no machines that join. Beyond loopback TLS \
                is required: --tls own, or --tls-certificate and --tls-key.
                """,
            parameters: parameters + [
                UpCommand.port, UpCommand.listen, UpCommand.tls, UpCommand.names, UpCommand.certificate,
                UpCommand.key, UpCommand.database, UpCommand.logLevel, UpCommand.logFormat,
            ],
            examples: examples, seeAlso: seeAlso
        ) { invocation in
            let variables = ProcessVariables.current
            var flags = UpCommand.flags(invocation, hasWorker: false)
            flags += settings.map { .init(key: $0.key, text: $0.text, spelling: spelling) }
            if scope == .objects, let port = invocation[port] {
                flags.append(.init(key: "objects.port", text: "\(port)", spelling: "--s3-port"))
            }
            let configuration = try ConfigurationLoader(
                settings: PlatformSettings.all, host: .current(variables: variables)
            ).load(path: invocation[GlobalOptions.config], flags: flags)
            return try await PlatformProcess(
                configuration: configuration, variables: variables,
                output: .standardOutput(variables: variables), scope: scope
            ).run()
        }
    }
}
