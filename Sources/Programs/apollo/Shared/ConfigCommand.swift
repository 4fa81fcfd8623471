import Arguments
import Configuration
import Core
import Terminal

/// `apollo config`.
enum ConfigCommand {
    static let command = Command(
        "config", summary: "Look at the settings",
        discussion: """
            Each setting has a default and can stand in a file, in the environment (APOLLO_…) and, for 'apollo up', on the \
            command line; the last of them wins.
            """,
        subcommands: [show, example, reference])

    private static let show = Command(
        "show", summary: "Print every setting, its value, and where the value comes from",
        examples: [Example("where does the port come from?", "apollo config show | grep http.port")]
    ) { invocation in
        let session = try Session(invocation)
        for warning in session.configuration.warnings { try session.errors.write("apollo: \(warning)\n") }
        try session.output.write(session.configuration.entries, as: session.format, table)
        if session.format == .table {
            try session.output.write(
                "Commands talk to \(try session.resolvedAddress()), with the token of \(session.target.tokenSource)\n"
            )
        }
        return .success
    }

    private static let table = Table<ConfigurationEntry>([
        Column("SETTING") { $0.key }, Column("VALUE") { $0.text },
        Column("FROM", style: { $0.source == .default ? .dim : nil }) { $0.source.description },
    ])

    private static let example = Command(
        "example", summary: "Print a configuration file to start from, with every setting explained",
        examples: [Example("begin with it", "apollo config example > ~/.config/apollo/apollo.yaml")]
    ) { invocation in
        try Output.standardOutput(variables: ProcessVariables.current).write(PlatformSettings.all.example())
        return .success
    }

    private static let reference = Command(
        "reference", summary: "Print the reference of all settings, as Markdown"
    ) { invocation in
        try Output.standardOutput(variables: ProcessVariables.current).write(PlatformSettings.all.markdown())
        return .success
    }
}
