import Testing

@testable import Arguments

@Suite struct CompleterTests {
    private func candidates(_ words: String...) async -> [String] {
        await Completer(root: Sample.program.root).offer(for: words).candidates.map(\.value)
    }

    private func directive(_ words: String...) async -> Completer.Directive {
        await Completer(root: Sample.program.root).offer(for: words).directive
    }

    @Test func `commands are offered by their beginning`() async {
        #expect(await candidates("") == ["task", "completion", "help"])
        #expect(await candidates("ta") == ["task"])
        #expect(await candidates("task", "") == ["run", "move", "rm", "logs", "help"])
        #expect(await candidates("help", "task", "r") == ["run", "rm"])
        #expect(await candidates("nope", "t") == ["task"])
        #expect(await candidates() == ["task", "completion", "help"])
    }

    @Test func `options are offered once, unless they may be repeated`() async {
        #expect(
            await candidates("task", "run", "-i", "x", "-e", "A=1", "--") == [
                "--detach", "--env", "--memory", "--no-pull", "--priority", "--pull", "--restart", "--server",
                "--tty", "--help",
            ])
        #expect(await candidates("task", "run", "--", "--") == [])
    }

    @Test func `values are offered after their option, in both ways to write it`() async {
        #expect(await candidates("task", "run", "--restart", "") == ["never", "on-failure", "always"])
        #expect(await candidates("task", "run", "--restart=o") == ["--restart=on-failure"])
        #expect(await candidates("task", "run", "--bogus=o") == [])
        #expect(await candidates("completion", "") == ["bash", "zsh"])
    }

    @Test func `names are asked from the program, which knows the options given`() async {
        let offer = await Completer(root: Sample.program.root).offer(
            for: ["--server", "there", "task", "logs", "web"])
        #expect(offer.candidates == [Candidate("web-1", "running on there"), Candidate("web-2")])
    }

    @Test func `words that stand already are not offered again`() async {
        #expect(await candidates("task", "rm", "one", "") == ["two"])
    }

    @Test func `files are left to the shell`() async {
        #expect(await directive("task", "logs", "web", "") == .files)
        #expect(await directive("task", "logs", "") == .none)
    }

    @Test func `the answer is one line for each candidate`() async {
        let answer = await Completer(root: Sample.program.root).answer(for: ["task", "r"])
        #expect(answer == "run\tRun a task on the platform\nrm\tRemove tasks\n:none\n")
    }
}
