import Arguments
import Configuration
import Core
import Terminal

/// `apollo registry`.
enum RegistryCommand {
    static let command = Command(
        "registry", summary: "Serve the image registry alone",
        discussion: "'apollo up' and 'apollo manager' serve it beside everything else.", subcommands: [serve])

    private static let serve = Command(
        "serve", summary: "Start an image registry, and nothing that runs tasks",
        discussion: """
            Runs the registry with its users, tokens, rights and audit, in the foreground, on a data directory of its own: \
            no object store for S3, no tasks, no machines that join. Beyond loopback TLS is required: --tls own, or \
            --tls-certificate and --tls-key.
            """,
        parameters: [
            UpCommand.port, UpCommand.listen, UpCommand.tls, UpCommand.names, UpCommand.certificate,
            UpCommand.key, UpCommand.database, UpCommand.logLevel, UpCommand.logFormat,
        ],
        examples: [
            Example("on this machine", "apollo registry serve --data /srv/images"),
            Example("for others", "apollo registry serve --data /srv/images --listen 0.0.0.0 --tls own"),
        ],
        seeAlso: ["apollo image", "apollo user create", "apollo grant add"]
    ) { invocation in
        let variables = ProcessVariables.current
        var flags = UpCommand.flags(invocation, hasWorker: false)
        flags.append(.init(key: "objects.enabled", text: "false", spelling: "registry serve"))
        flags.append(.init(key: "images.enabled", text: "true", spelling: "registry serve"))
        let configuration = try ConfigurationLoader(
            settings: PlatformSettings.all, host: .current(variables: variables)
        ).load(path: invocation[GlobalOptions.config], flags: flags)
        return try await PlatformProcess(
            configuration: configuration, variables: variables,
            output: .standardOutput(variables: variables), hasWorker: false, isRegistry: true
        ).run()
    }
}
