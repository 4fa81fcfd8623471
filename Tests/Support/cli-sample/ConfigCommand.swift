import Arguments
import Configuration
import Core
import Terminal

/// The settings of the platform, as a program would load and show them.
enum ConfigCommand {
    static let path = Parameter.option("config", .path, help: "The configuration file.")
    static let set = Parameter.repeated(
        "set",
        ValueType<KeyValue>.keyValue.named("KEY=VALUE").completed(
            by: .choices(PlatformSettings.all.declarations.map { Candidate($0.key + "=", $0.help) })),
        help: "A setting, before those of the file and the environment.")
    static let format = Parameter.option(
        "output", short: "o", .choice(OutputFormat.self, "FORMAT"), default: .table, help: "How to print.")

    static func command(_ sample: Sample) -> Command {
        Command(
            "config", summary: "Show the configuration",
            subcommands: [
                Command(
                    "show", summary: "Show every setting, and where it comes from",
                    parameters: [path, set, format]
                ) {
                    try show($0, sample)
                },
                Command("example", summary: "Print a configuration file to begin with") { _ in
                    try sample.output.write(PlatformSettings.all.example())
                    return .success
                },
            ])
    }

    private static func show(_ invocation: Invocation, _ sample: Sample) throws -> ExitStatus {
        let loader = ConfigurationLoader(
            settings: PlatformSettings.all, host: .current(variables: sample.variables))
        let flags = invocation[set].map {
            ConfigurationLoader.Flag(key: $0.key, text: $0.value, spelling: "--set \($0.key)")
        }
        let configuration = try loader.load(path: invocation[path], flags: flags)
        for warning in configuration.warnings { try sample.errors.write("warning: \(warning.printable)\n") }
        let table = Table<ConfigurationEntry>([
            Column("SETTING") { $0.key }, Column("VALUE") { $0.text }, Column("FROM") { "\($0.source)" },
        ])
        try sample.output.write(configuration.entries, as: invocation[format], table)
        return .success
    }
}
