import Arguments
import Core
import Terminal

/// `apollo context`.
enum ContextCommand {
    static let command = Command(
        "context", summary: "Choose among the platforms you are logged in to",
        discussion: """
            Where a command talks to: what stands on its line (--address, --token-file, --context, --data), else what the \
            environment says (APOLLO_ADDRESS, APOLLO_TOKEN, APOLLO_CONTEXT, APOLLO_DATA_DIRECTORY), else the current context, \
            else the platform of this machine's data directory.
            """,
        subcommands: [list, use, show, remove])

    private static let name = Parameter.argument(.text("NAME"), help: "The context.")

    private struct Line: Encodable {
        var name: String
        var isCurrent: Bool
        var address: String
        var user: String?
        var project: String?
    }

    private static let list = Command(
        "ls", aliases: ["list"], summary: "List contexts",
        examples: [Example("where can I go?", "apollo context ls")]
    ) { invocation in
        let session = try Session(invocation)
        let contexts = try Contexts(variables: session.variables)
        let lines = contexts.entries.sorted { $0.key < $1.key }.map { name, entry in
            Line(
                name: name, isCurrent: name == contexts.current, address: entry.address, user: entry.user,
                project: entry.project)
        }
        try session.output.write(
            lines, as: session.format,
            Table<Line>([
                Column("") { $0.isCurrent ? "*" : "" }, Column("NAME") { $0.name },
                Column("ADDRESS") { $0.address },
                Column("USER") { $0.user }, Column("PROJECT") { $0.project ?? "default" },
            ]))
        return .success
    }

    private static let use = Command(
        "use", summary: "Make a context the current one", parameters: [name],
        examples: [Example("go there", "apollo context use ann")]
    ) { invocation in
        let variables = ProcessVariables.current
        var contexts = try Contexts(variables: variables)
        _ = try contexts.entry(named: invocation[name])
        contexts.current = invocation[name]
        try contexts.save()
        try Output.standardOutput(variables: variables).write("\(invocation[name])\n")
        return .success
    }

    private static let show = Command(
        "show", summary: "Say where commands talk to, as who, and why",
        examples: [Example("where am I?", "apollo context show")]
    ) { invocation in
        let session = try Session(invocation)
        struct Report: Encodable {
            var context: String?
            var address: String
            var token: String
            var project: String
            var authority: String?
        }
        let report = Report(
            context: session.target.context?.name, address: try session.resolvedAddress(),
            token: session.target.tokenSource, project: session.target.project, authority: session.target.pin)
        try session.output.write(
            report, as: session.format,
            fields: [
                ("Context", report.context ?? "none"), ("Address", report.address),
                ("Token from", report.token), ("Project", report.project), ("Authority", report.authority),
            ])
        return .success
    }

    private static let remove = Command(
        "rm", aliases: ["remove"], summary: "Forget a context; its token stays good",
        parameters: [name], examples: [Example("forget it", "apollo context rm ann")],
        seeAlso: ["apollo logout"]
    ) { invocation in
        let variables = ProcessVariables.current
        var contexts = try Contexts(variables: variables)
        _ = try contexts.entry(named: invocation[name])
        contexts.remove(invocation[name])
        try contexts.save()
        try Output.standardOutput(variables: variables).write("\(invocation[name])\n")
        return .success
    }
}
