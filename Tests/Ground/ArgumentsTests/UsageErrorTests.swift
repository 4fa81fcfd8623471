import Arguments
import Testing

@Suite struct UsageErrorTests {
    struct Case: Sendable {
        var words: [String]
        var message: String
        var hint: String?

        init(_ words: [String], _ message: String, _ hint: String?) {
            self.words = words
            self.message = message
            self.hint = hint
        }
    }

    static let cases: [Case] = [
        Case(
            ["task", "run", "--imge", "x"], "unknown option '--imge' for 'apollo task run'",
            "did you mean '--image'?"
        ),
        Case(
            ["task", "run", "--no-pul"], "unknown option '--no-pul' for 'apollo task run'",
            "did you mean '--no-pull'?"
        ),
        Case(["task", "run", "-z"], "unknown option '-z' for 'apollo task run'", nil),
        Case(["task", "rnu"], "unknown command 'rnu' for 'apollo task'", "did you mean 'apollo task run'?"),
        Case(["tsak"], "unknown command 'tsak' for 'apollo'", "did you mean 'apollo task'?"),
        Case(["xyzzy"], "unknown command 'xyzzy' for 'apollo'", nil),
        Case(["task"], "'apollo task' needs a command", nil),
        Case(["task", "move", "x"], "'apollo task move' needs the option --node NODE", nil),
        Case(
            ["task", "move", "-n", "a"], "'apollo task move' needs NAME: the task's name or identifier", nil),
        Case(["task", "rm"], "'apollo task rm' needs NAME: the tasks to remove", nil),
        Case(
            ["task", "move", "-n", "a", "x", "y"],
            "unexpected argument 'y': 'apollo task move' takes only NAME", nil
        ),
        Case(["task", "run", "--image"], "option '--image' needs a value, REFERENCE", nil),
        Case(
            ["task", "run", "--image", "--detach"], "option '--image' needs a value, REFERENCE",
            "to give a value that begins with '-', write --image=--detach"
        ),
        Case(["task", "run", "-i"], "option '-i' needs a value, REFERENCE", nil),
        Case(["task", "run", "--detach=yes"], "option '--detach' is a flag and takes no value", nil),
        Case(["task", "run", "--no-pull=1"], "option '--no-pull' is a flag and takes no value", nil),
        Case(
            ["task", "run", "--image", "a", "--image", "b"],
            "option '--image' is given twice: which of the two is meant?", nil
        ),
        Case(
            ["task", "run", "--memory", "lots"],
            "option '--memory' cannot be 'lots': give a number of bytes such as 512Mi, 2Gi or 100M", nil
        ),
        Case(
            ["task", "run", "--priority", "101"],
            "option '--priority' cannot be '101': give a whole number from -100 to 100", nil
        ),
        Case(
            ["task", "run", "--restart=alwais"],
            "option '--restart' cannot be 'alwais': give one of never, on-failure, always",
            "did you mean 'always'?"
        ),
        Case(["task", "run", "-e", "=x"], "option '--env' cannot be '=x': give KEY=VALUE", nil),
        Case(
            ["task", "run", "--image="], "option '--image' cannot be '': give some text, not an empty one",
            nil
        ),
    ]

    @Test(arguments: cases)
    func `the message names what is wrong and says what is right`(
        case wanted: Case
    ) throws {
        let error = try #require(throws: UsageError.self) { try Sample.program.parse(wanted.words) }
        #expect(error.message == wanted.message)
        #expect(error.hint == wanted.hint)
    }

    @Test func `the text has the message, the hint and the short usage`() throws {
        let error = try #require(Sample.fault("task", "move", "--nod", "x"))
        #expect(
            error.text == """
                apollo: unknown option '--nod' for 'apollo task move'
                hint: did you mean '--node'?
                Usage: apollo task move [options] --node NODE NAME
                See 'apollo task move --help'.

                """)
    }

    @Test func `a group that misses its command lists them`() throws {
        let error = try #require(Sample.fault("task"))
        #expect(
            error.text == """
                apollo: 'apollo task' needs a command
                Commands:
                  run                      Run a task on the platform.
                  move                     Move a task.
                  rm                       Remove tasks.
                  logs                     Show what a task wrote.
                See 'apollo task --help'.

                """)
    }

    @Test func `control characters of the line never reach the screen raw`() throws {
        let error = try #require(Sample.fault("task", "\u{1b}[31mrun\u{202E}\n"))
        #expect(error.text.contains("unknown command '\\u{1b}[31mrun\\u{202e}\\n'"))
        #expect(!error.text.unicodeScalars.contains("\u{1b}"))
    }

    @Test func `absurd words are refused in good time`() throws {
        let word = String(repeating: "x", count: 1 << 20)
        #expect(Sample.fault(word) != nil)
        #expect(Sample.fault("--" + word) != nil)
        #expect(Sample.fault("-" + word) != nil)
        #expect(Sample.fault("task", "run", "--memory", String(repeating: "9", count: 1000)) != nil)
    }
}
