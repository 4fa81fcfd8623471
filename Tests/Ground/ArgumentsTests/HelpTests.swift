import Arguments
import Testing

@Suite struct HelpTests {
    @Test func `the help of a command teaches it`() throws {
        #expect(
            try Sample.help("task", "run", "--help") == """
                Run a task on the platform.

                Usage: apollo task run [options] [--] [COMMAND...]

                Runs a container, or an executable of the host, and streams its output until it
                ends. The exit code is the task's own.

                Words after the options, or after '--', are its command:

                    apollo task run --image busybox -- echo -n hello

                Arguments:
                  COMMAND...               The command and its arguments.

                Options:
                  -i, --image REFERENCE    The image to run.
                  -e, --env KEY=VALUE      An environment variable of the task. May be repeated.
                  -d, --detach             Print the task's name and return, instead of
                                           following its output.
                  -t, --tty                Give it a terminal.
                      --[no-]pull          Fetch the image where it is missing. (default:
                                           --pull)

                Resources:
                      --memory BYTES       The most memory it may use.

                Scheduling:
                      --priority N         Who goes first when room is short; higher wins.
                                           (default: 0)
                      --restart POLICY     What follows when it ends by itself. One of: never,
                                           on-failure, always. (default: never)

                General options:
                      --server URL         Where the platform answers.
                  -h, --help               Show this help.

                Examples:
                  Run a container and see its output:
                    $ apollo task run --image busybox -- echo hello
                  Keep one running:
                    $ apollo task run -d --restart always --image nginx

                See also: 'apollo task rm', 'apollo task logs'

                """)
    }

    @Test func `many general options are explained once, by the program itself`() throws {
        let names = ["data", "context", "address", "project"]
        let program = Program(
            version: "x 1",
            root: Command(
                "x", summary: "Do things",
                groups: [
                    ParameterGroup(
                        "Everywhere",
                        names.map { Parameter.option($0, .text("WORD"), help: "Its \($0).") })
                ],
                subcommands: [Command("do", summary: "Do one thing") { _ in .success }]))
        func help(_ words: String...) throws -> String {
            guard case .show(let text) = try program.parse(words) else { return "" }
            return text
        }
        let text = try help("do", "--help")
        #expect(
            text.contains(
                """
                General options, which 'x --help' explains: --data, --context, --address,
                --project, --help
                """))
        #expect(!text.contains("Its address."))
        #expect(try help("--help").contains("Its address."))
    }

    @Test func `the help of the program lists its commands`() throws {
        #expect(
            try Sample.help("--help") == """
                A compute platform for whoever has machines.

                Usage: apollo COMMAND [options]

                Commands:
                  task                     Run, follow and stop tasks.
                  completion               Print a script that teaches the shell to complete
                                           commands.

                Options:
                      --server URL         Where the platform answers.

                General options:
                  -h, --help               Show this help.
                      --version            Show the version.

                'apollo COMMAND --help' explains a command.

                """)
    }

    @Test(arguments: [
        ["help", "task", "run"], ["task", "help", "run"], ["task", "run", "-h"], ["task", "-h", "run"],
        ["--help", "task", "run"], ["task", "run", "--image", "x", "--help"],
        ["-h", "task", "run", "--bogus"],
        ["help", "task", "run", "words", "after"],
    ])
    func `help is found in every place one may look for it`(words: [String]) throws {
        guard case .show(let text) = try Sample.program.parse(words) else {
            Issue.record("no help")
            return
        }
        #expect(text.hasPrefix("Run a task on the platform."))
    }

    @Test func `help of a command that is not there says so`() throws {
        let error = try #require(Sample.fault("help", "task", "rnu"))
        #expect(error.hint == "did you mean 'apollo task run'?")
    }

    @Test(arguments: [20, 40, 60, 80, 100, 400])
    func `help stays within the width`(width: Int) throws {
        let text = try Sample.help("task", "run", "--help", width: width)
        let limit = min(max(width, 40), 100)
        for line in text.split(separator: "\n") where !line.hasPrefix("    ") {
            #expect(line.count <= limit, "\(line)")
        }
    }

    @Test func `hidden commands run but are not shown`() throws {
        #expect(try !Sample.help("task", "--help").contains("secret"))
        #expect(try Sample.read("task", "secret").path == ["apollo", "task", "secret"])
    }

    @Test func `the version is shown`() throws {
        #expect(try Sample.help("--version") == "apollo 1.2.3\n")
        #expect(Sample.fault("task", "--version") != nil)
    }

    @Test func `the reference holds every command and option that is not hidden`() throws {
        let page = Sample.program.markdown()
        for heading in ["apollo", "apollo task", "apollo task run", "apollo task rm", "apollo completion"] {
            #expect(page.contains("\n## \(heading)\n"))
        }
        #expect(page.contains("- `-i, --image REFERENCE`: The image to run.\n"))
        #expect(page.contains("```text\napollo task run [options] [--] [COMMAND...]\n```"))
        #expect(page.contains("```sh\napollo task run --image busybox -- echo hello\n```"))
        #expect(page.contains("See also [`apollo task rm`](#apollo-task-rm)"))
        #expect(!page.contains("secret"))
    }

    @Test func `a tree that contradicts itself is found`() {
        #expect(Sample.program.problems.isEmpty)
    }
}
