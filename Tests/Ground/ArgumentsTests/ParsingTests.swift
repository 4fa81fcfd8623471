import Arguments
import Core
import Testing

@Suite struct ParsingTests {
    @Test func `values are read with their types`() throws {
        let line = try Sample.read(
            "task", "run", "--image", "busybox", "--memory=64Mi", "--priority", "-5", "--restart",
            "on-failure",
            "-d", "-e", "A=1", "--env", "B=x=y")
        #expect(line[Sample.image] == "busybox")
        #expect(line[Sample.memory] == .mebibytes(64))
        #expect(line[Sample.priority] == -5)
        #expect(line[Sample.restart] == .onFailure)
        #expect(line[Sample.detach])
        #expect(line[Sample.environment].map(\.description) == ["A=1", "B=x=y"])
        #expect(line.path == ["apollo", "task", "run"])
    }

    @Test func `what is left out has its default`() throws {
        let line = try Sample.read("task", "run")
        #expect(line[Sample.image] == nil)
        #expect(line[Sample.priority] == 0)
        #expect(line[Sample.restart] == .never)
        #expect(!line[Sample.detach])
        #expect(line[Sample.pull])
        #expect(line[Sample.environment].isEmpty)
        #expect(line[Sample.command].isEmpty)
        #expect(!line.isGiven(Sample.priority))
    }

    @Test(arguments: [["-i", "x"], ["-ix"], ["-i=x"], ["--image", "x"], ["--image=x"]])
    func `an option and its value are written in five ways`(words: [String]) throws {
        guard case .run(let line, _) = try Sample.program.parse(["task", "run"] + words) else {
            Issue.record("nothing to run")
            return
        }
        #expect(line[Sample.image] == "x")
        #expect(line.isGiven(Sample.image))
    }

    @Test func `flags share a dash, and the last may be an option with its value`() throws {
        let line = try Sample.read("task", "run", "-tdix", "--no-pull")
        #expect(line[Sample.tty] && line[Sample.detach] && !line[Sample.pull])
        #expect(line[Sample.image] == "x")
        #expect(try Sample.read("task", "run", "--no-pull", "--pull")[Sample.pull])
    }

    @Test func `options of a group stand before or after its commands`() throws {
        #expect(try Sample.read("--server", "a", "task", "rm", "x")[Sample.server] == "a")
        #expect(try Sample.read("task", "--server=a", "rm", "x")[Sample.server] == "a")
        #expect(try Sample.read("task", "rm", "x", "--server", "a")[Sample.server] == "a")
    }

    @Test func `options stand before, after and between arguments`() throws {
        let line = try Sample.read("task", "logs", "--lines", "3", "web", "-")
        #expect(line[Sample.name] == "web" && line[Sample.lines] == 3 && line[Sample.file] == "-")
        #expect(try Sample.read("task", "logs", "web", "--lines", "3", "out")[Sample.file] == "out")
        #expect(try Sample.read("task", "rm", "a", "--server", "s", "b")[Sample.names] == ["a", "b"])
    }

    @Test func `after two dashes everything is raw`() throws {
        let line = try Sample.read("task", "run", "--image", "x", "--", "--detach", "--", "--help", "")
        #expect(line[Sample.command] == ["--detach", "--", "--help", ""])
        #expect(!line[Sample.detach])
        #expect(try Sample.read("task", "rm", "--", "-x", "--y")[Sample.names] == ["-x", "--y"])
    }

    @Test func `the first word for another program ends our own options`() throws {
        let line = try Sample.read("task", "run", "-d", "ls", "-la", "--image", "x", "--help")
        #expect(line[Sample.command] == ["ls", "-la", "--image", "x", "--help"])
        #expect(line[Sample.image] == nil)
    }

    @Test func `negative numbers are values, and words`() throws {
        #expect(try Sample.read("task", "run", "--priority=-7")[Sample.priority] == -7)
        #expect(try Sample.read("task", "rm", "-1", "-.5")[Sample.names] == ["-1", "-.5"])
    }

    @Test func `a command answers to its other names`() throws {
        #expect(try Sample.read("task", "remove", "x").path == ["apollo", "task", "rm"])
    }

    @Test func `running gives the action its line, and returns its status`() async throws {
        var shown = ""
        let status = try await Sample.program.run(
            ["task", "run", "--", "a", "b"], print: { shown += $0 }, report: { shown += $0 })
        #expect(status == ExitStatus(2) && shown.isEmpty)
    }

    @Test func `wrong usage is reported with status 2, also where only the command sees it`() async throws {
        var (printed, reported) = ("", "")
        for words in [["task", "nope"], ["task", "logs", "x", "file"]] {
            reported = ""
            let status = try await Sample.program.run(
                words, print: { printed += $0 }, report: { reported += $0 })
            #expect(status == .usage)
            #expect(reported.hasPrefix("apollo: "))
        }
        #expect(printed.isEmpty)
        #expect(
            reported == """
                apollo: FILE needs --lines
                Usage: apollo task logs [options] NAME [FILE]
                See 'apollo task logs --help'.

                """)
    }
}
