import Arguments
import Terminal

/// `apollo reference`: how `docs/reference/cli.md` is made, and held against the program by the tests.
enum ReferenceCommand {
    static let command: Command = Command(
        "reference", summary: "Print the reference of all commands, as Markdown", isHidden: true
    ) { _ in
        try Output.standardOutput(variables: ProcessVariables.current).write(ApolloProgram.program.markdown())
        return .success
    }
}
