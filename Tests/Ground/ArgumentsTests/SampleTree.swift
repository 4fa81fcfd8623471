import Arguments
import Core

/// A small program with one of everything.
enum Sample {
    enum Restart: String, CaseIterable, Sendable { case never, onFailure = "on-failure", always }

    static let server = Parameter.option("server", .text("URL"), help: "Where the platform answers.")
    static let image = Parameter.option("image", short: "i", .text("REFERENCE"), help: "The image to run.")
    static let memory = Parameter.option("memory", .byteCount, help: "The most memory it may use.")
    static let priority = Parameter.option(
        "priority", .integer(in: -100...100), default: 0,
        help: "Who goes first when room is short; higher wins.")
    static let restart = Parameter.option(
        "restart", .choice(Restart.self, "POLICY"), default: .never,
        help: "What follows when it ends by itself.")
    static let environment = Parameter.repeated(
        "env", short: "e", .keyValue, help: "An environment variable of the task.")
    static let detach = Parameter.flag(
        "detach", short: "d", help: "Print the task's name and return, instead of following its output.")
    static let tty = Parameter.flag("tty", short: "t", help: "Give it a terminal.")
    static let pull = Parameter.flag("pull", default: true, help: "Fetch the image where it is missing.")
    static let command = Parameter.rest("COMMAND", help: "The command and its arguments.")

    static let node = Parameter.required("node", short: "n", .text("NODE"), help: "The node to move it to.")
    static let name = Parameter.argument(
        .text("NAME").completed(
            by: .dynamic { context in
                let server = context.value(of: server) ?? "here"
                return [Candidate("web-1", "running on \(server)"), Candidate("web-2"), Candidate("other")]
            }), help: "The task's name or identifier.")
    static let names = Parameter.arguments(
        .text("NAME").completed(by: .choices([Candidate("one"), Candidate("two")])),
        help: "The tasks to remove.")
    static let file = Parameter.optionalArgument(
        .path.named("FILE"), help: "Where to write; the screen if missing.")
    static let lines = Parameter.option("lines", .integer(in: 0...1_000_000), help: "How many lines.")

    static let run = Command(
        "run", summary: "Run a task on the platform",
        discussion: """
            Runs a container, or an executable of the host, and streams its output until it ends. The exit code is the
            task's own.

            Words after the options, or after '--', are its command:

                apollo task run --image busybox -- echo -n hello
            """,
        parameters: [image, environment, detach, tty, pull, command],
        groups: [
            ParameterGroup("Resources", [memory]), ParameterGroup("Scheduling", [priority, restart]),
        ],
        examples: [
            Example("Run a container and see its output", "apollo task run --image busybox -- echo hello"),
            Example("Keep one running", "apollo task run -d --restart always --image nginx"),
        ],
        seeAlso: ["apollo task rm", "apollo task logs"]
    ) { invocation in ExitStatus(Int32(invocation[command].count)) }

    static let task = Command(
        "task", summary: "Run, follow and stop tasks",
        subcommands: [
            run,
            Command("move", summary: "Move a task", parameters: [node, name]) { _ in .success },
            Command("rm", aliases: ["remove"], summary: "Remove tasks", parameters: [names]) { _ in .success
            },
            Command("logs", summary: "Show what a task wrote", parameters: [name, lines, file]) {
                invocation in
                guard invocation.isGiven(lines) || invocation[file] == nil else {
                    throw invocation.usageError("FILE needs --lines")
                }
                return .success
            },
            Command("secret", summary: "Not shown", isHidden: true) { _ in .success },
        ])

    static let program = Program(
        version: "apollo 1.2.3",
        root: Command(
            "apollo", summary: "A compute platform for whoever has machines", parameters: [server],
            subcommands: [task]))

    /// The invocation that the words make, or the error they deserve.
    static func read(_ words: String...) throws -> Invocation {
        switch try program.parse(words) {
        case .run(let invocation, _): return invocation
        case .show(let text): throw Shown(text: text)
        case .complete(let words): throw Shown(text: "complete \(words)")
        }
    }

    struct Shown: Error { var text: String }

    static func fault(_ words: String...) -> UsageError? {
        do { _ = try program.parse(words) } catch { return error }
        return nil
    }

    static func help(_ words: String..., width: Int = 80) throws -> String {
        guard case .show(let text) = try program.parse(words, width: width) else { return "" }
        return text
    }
}
