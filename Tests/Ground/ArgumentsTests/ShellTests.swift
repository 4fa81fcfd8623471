import Glibc
import PseudoTerminals
import Testing

/// The completion scripts in the shells they are for.
@Suite struct ShellTests {
    private let program: String
    private let variables: [String: String]

    init() throws {
        program = try builtProgram("cli-sample")
        let folder = program.dropLast("/cli-sample".count)
        variables = [
            "PATH": "\(folder):/usr/local/bin:/usr/bin:/bin", "HOME": "/nonexistent", "TERM": "dumb",
            "LC_ALL": "C.UTF-8",
        ]
    }

    static let bash = "/usr/bin/bash"
    static let zsh = "/usr/bin/zsh"
    static func has(_ path: String) -> Bool { access(path, X_OK) == 0 }

    /// What bash's completion function answers for `line`, the cursor at its end. Bash splits the words as it would
    /// when Tab is pressed.
    private func bashReply(_ line: String, words: [String]) throws -> [String] {
        let quoted = words.map { "'\($0)'" }.joined(separator: " ")
        let script = """
            source <(cli-sample completion bash)
            COMP_LINE='\(line)' COMP_POINT=${#COMP_LINE} COMP_WORDS=(\(quoted)) COMP_CWORD=\(words.count - 1)
            _cli_sample
            printf '%s\\n' "${COMPREPLY[@]}"
            """
        let finished = try runProgram(
            [Self.bash, "--norc", "--noprofile", "-c", script], variables: variables)
        #expect(finished.errors == "" && finished.status == 0)
        return finished.output.split(separator: "\n").map(String.init)
    }

    @Test(.enabled(if: has(bash), "bash is not installed"))
    func `bash offers commands, options, values and names`() throws {
        #expect(try bashReply("cli-sample l", words: ["cli-sample", "l"]) == ["list", "logs"])
        #expect(
            try bashReply("cli-sample logs ", words: ["cli-sample", "logs", ""]) == [
                "web-1", "web-2", "batch:nightly",
            ])
        #expect(try bashReply("cli-sample list --c", words: ["cli-sample", "list", "--c"]) == ["--count"])
        #expect(
            try bashReply("cli-sample list -o ", words: ["cli-sample", "list", "-o", ""]) == [
                "table", "json",
            ])
    }

    @Test(.enabled(if: has(bash), "bash is not installed"))
    func `bash gets only what follows the character it splits at`() throws {
        let lead = ["cli-sample", "list"]
        #expect(
            try bashReply("cli-sample list --output=j", words: lead + ["--output", "=", "j"]) == ["json"])
        #expect(
            try bashReply("cli-sample list --output=", words: lead + ["--output", "="]) == ["table", "json"])
        #expect(
            try bashReply("cli-sample logs batch:n", words: ["cli-sample", "logs", "batch", ":", "n"]) == [
                "nightly"
            ])
        #expect(
            try bashReply("cli-sample logs batch:", words: ["cli-sample", "logs", "batch", ":"]) == [
                "nightly"
            ])
    }

    @Test(.enabled(if: has(bash), "bash is not installed"))
    func `bash completes what is typed with Tab`() throws {
        let shell = try PseudoTerminal([Self.bash, "--norc", "--noprofile", "-i"], variables: variables)
        try shell.type("PS1='rea''dy> '; bind 'set enable-bracketed-paste off'\n")
        _ = try shell.read(until: "ready> ")
        try shell.type("source <(cli-sample completion bash)\n")
        _ = try shell.read(until: "ready> ")
        try shell.type("cli-sample lo\t")
        _ = try shell.read(until: "cli-sample logs ")
        try shell.type("ba\t")
        _ = try shell.read(until: "tch:nightly ")
        try shell.type("--color=nev\t")
        _ = try shell.read(until: "--color=never ")
        try shell.type("--file /etc/host\t")
        _ = try shell.read(until: "/etc/host")
        try shell.type("name --li\t7\n")
        let answer = try shell.read(until: "ready> ")
        #expect(answer.contains("name:   batch:nightly"))
        #expect(answer.contains("lines:  7"))
        #expect(answer.contains("color:  never"))
        try shell.type("exit\n")
        #expect(try shell.finish() == 0)
    }

    @Test(.enabled(if: has(zsh), "zsh is not installed"))
    func `zsh completes what is typed with Tab, and shows descriptions`() throws {
        let shell = try PseudoTerminal([Self.zsh, "-f", "-i"], variables: variables)
        try shell.type("PS1='rea''dy> '; unsetopt zle_bracketed_paste prompt_sp; skip_global_compinit=1\n")
        _ = try shell.read(until: "ready> ")
        try shell.type(
            "autoload -Uz compinit; compinit -u -D; source <(cli-sample completion zsh); print so''urced\n")
        _ = try shell.read(until: "sourced")
        _ = try shell.read(until: "ready> ")
        try shell.type("cli-sample li\t")
        _ = try shell.read(until: "list ")
        try shell.type("--output=js\t")
        _ = try shell.read(until: "json")
        try shell.type("\n")
        _ = try shell.read(until: "\"habitat\"")
        _ = try shell.read(until: "ready> ")
        try shell.type("cli-sample logs \t")
        _ = try shell.read(until: "web-2          -- failed")
        try shell.type("ba\t\n")
        _ = try shell.read(until: "name:   batch:nightly")
        try shell.type("exit\n")
        #expect(try shell.finish() == 0)
    }

    @Test(.enabled(if: has(zsh), "zsh is not installed"))
    func `the zsh script is sound where zsh reads it as a function of its own`() throws {
        let script = """
            autoload -Uz compinit; compinit -u -D
            folder=$(mktemp -d)
            cli-sample completion zsh > $folder/_cli-sample
            zsh -n $folder/_cli-sample && print sound
            rm -r $folder
            """
        let finished = try runProgram([Self.zsh, "-f", "-c", script], variables: variables)
        #expect(finished.output == "sound\n" && finished.errors == "")
    }

    @Test func `the program ends with 2 on wrong usage, and with the kind of its error`() throws {
        let wrong = try runProgram([program, "lst"])
        #expect(wrong.status == 2 && wrong.output == "")
        #expect(
            wrong.errors.hasPrefix(
                "cli-sample: unknown command 'lst' for 'cli-sample'\nhint: did you mean 'cli-sample list'?\n")
        )
        let failed = try runProgram([program, "fail", "not_found"])
        #expect(failed.status == 66)
        #expect(
            failed.errors == "cli-sample: the ant did not come\n  legs: must be 6, not 5\nhint: try sugar\n")
        let help = try runProgram([program, "help", "list"])
        #expect(help.status == 0 && help.output.hasPrefix("List animals.\n") && help.errors == "")
    }
}
