import Arguments
import Core
import Glibc
import PlatformClients
import Terminal

/// `apollo task exec`.
enum TaskExecCommand {
    static let handle = Parameter.argument(TaskCommand.handle, help: "The task.")
    static let interactive = Parameter.flag(
        "interactive", short: "i", help: "Give the program what comes on the standard input.")
    static let terminal = Parameter.flag(
        "tty", short: "t", help: "Run it on a terminal, which takes what is typed; so it implies -i.")
    static let words = Parameter.rest("COMMAND", help: "The program, with its arguments.")

    static let command = Command(
        "exec", summary: "Run a program beside a task's own",
        discussion: """
            The program runs where the task runs: as its user, in its directory, with its environment and limits; in a \
            container, or beside an executable of a machine. It ends with the task, and with this command, whose exit code \
            is that of the program.

            With -t the program has a terminal: Ctrl-C and all other keys go to it, and it learns when the window changes.

            Beside an executable of a machine it takes the right to manage the nodes, as running one does. Who ran what is \
            in the audit record; what was typed is not.
            """,
        parameters: [handle, interactive, terminal, words],
        usage: "[options] TASK -- COMMAND [ARGUMENT...]",
        examples: [
            Example("a shell in a container", "apollo task exec -it web -- sh"),
            Example("one command", "apollo task exec web -- cat /etc/hostname"),
            Example("give it a file", "apollo task exec -i db -- psql app < schema.sql"),
        ],
        seeAlso: ["apollo task logs", "apollo task status"]
    ) { invocation in
        guard !invocation[words].isEmpty else {
            throw invocation.usageError(
                "what to run is missing", hint: "apollo task exec \(invocation[handle]) -- COMMAND")
        }
        let session = try Session(invocation)
        let hasTerminal = invocation[terminal]
        if hasTerminal, isatty(STDIN_FILENO) != 1 {
            throw ApolloError(
                .invalid, "-t needs a terminal, and the standard input is none",
                hint: "leave out -t; -i alone gives the program what comes")
        }
        let size = session.output.size() ?? TerminalSize(columns: 80, rows: 24)
        let type = session.variables["TERM"].flatMap { $0.isEmpty ? nil : $0 } ?? "xterm"
        let query = ExecQuery(
            command: invocation[words], takesInput: invocation[interactive] || hasTerminal,
            terminal: hasTerminal
                ? ExecQuery.Terminal(columns: size.columns, rows: size.rows, type: type) : nil)
        let task = invocation[handle]
        return try await session.withClient { client in
            // What is wrong with the address, the certificate or the name is said better by an ordinary call.
            _ = try await client.task(task)
            return try await TaskExecutor(session: session, task: task, query: query).run(client)
        }
    }
}
