import ClusterModel
import Concurrency
import Core
import TaskRuntimes

/// Programs beside attempts.
extension ContractRun {
    private static let idle = "echo ready; while :; do sleep 1; done"

    /// An attempt that runs until it is stopped.
    private func idling(_ change: (inout TaskSpec) -> Void = { _ in }) async throws -> AttemptID {
        let attempt = try await start(script: Self.idle, change)
        try await awaitReady(attempt)
        return attempt
    }

    private struct Outcome {
        var output: [LogRecord.Stream: [UInt8]] = [:]
        var code: Int32?

        func text(_ stream: LogRecord.Stream = .stdout) -> String {
            String(decoding: output[stream] ?? [], as: UTF8.self)
        }
    }

    /// What comes of a program until its end, or until its stdout has `text`.
    private func follow(
        _ session: any ExecSession, _ outcome: Outcome = Outcome(), until text: String? = nil
    ) async throws -> Outcome {
        var outcome = outcome
        while text == nil || !outcome.text().contains(text!) {
            guard let event = try await session.next() else {
                try require(text == nil, "it ended before '\(text ?? "")'; stdout was '\(outcome.text())'")
                break
            }
            try require(outcome.code == nil, "something came after the end")
            switch event {
            case .output(let stream, let bytes): outcome.output[stream, default: []] += bytes
            case .ended(let code, _): outcome.code = code
            }
        }
        return outcome
    }

    private func exec(
        _ attempt: AttemptID, _ script: String, takesInput: Bool = false,
        terminal: ExecRequest.Terminal? = nil
    ) async throws -> any ExecSession {
        try await runtime.exec(
            attempt,
            ExecRequest(command: ["sh", "-c", script], takesInput: takesInput, terminal: terminal))
    }

    func checkExecSurroundings() async throws {
        let attempt = try await idling {
            $0.environment["COLOUR"] = "blue green"
            $0.workingDirectory = "/tmp"
        }
        let session = try await exec(
            attempt, "echo \"$COLOUR\"; pwd; echo ${TERM-none}; id -u; echo oops >&2; cat; exit 7")
        let outcome = try await follow(session)
        await session.close()
        let lines = outcome.text().split(separator: "\n").map(String.init)
        try requireEqual(lines.prefix(2), ["blue green", "/tmp"], "variable and directory")
        try requireEqual(outcome.text(.stderr), "oops\n", "stderr")
        try requireEqual(outcome.code, 7, "the exit code")
    }

    func checkExecInput() async throws {
        let attempt = try await idling()
        let session = try await exec(attempt, "cat; echo end >&2", takesInput: true)
        let bytes = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 ^ $0 >> 8) }
        let outcome = try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                for start in stride(from: 0, to: bytes.count, by: 30_000) {
                    try await session.give(.bytes(Array(bytes[start..<start + 30_000])))
                }
                try await session.give(.end)
            }
            let outcome = try await follow(session)
            try await group.waitForAll()
            return outcome
        }
        await session.close()
        try require(outcome.output[.stdout] == bytes, "the input came back otherwise")
        try requireEqual(outcome.text(.stderr), "end\n", "what came after the end of the input")
        try requireEqual(outcome.code, 0, "the exit code")
    }

    func checkExecOutput() async throws {
        let attempt = try await idling()
        let session = try await exec(attempt, "dd if=/dev/zero bs=65536 count=160 2>/dev/null; echo end >&2")
        let outcome = try await follow(session)
        await session.close()
        try requireEqual(outcome.output[.stdout]?.count, 160 << 16, "bytes of output")
        try requireEqual(outcome.text(.stderr), "end\n", "stderr")
    }

    func checkExecTerminal() async throws {
        let attempt = try await idling()
        let terminal = ExecRequest.Terminal(
            size: TerminalSize(columns: 91, rows: 17), type: "xterm-256color")
        let session = try await exec(
            attempt,
            """
            trap 'stty size; echo resized' WINCH; trap 'echo interrupted; exit 5' INT
            test -t 0 && test -t 1 && test -t 2 && echo terminal; echo $TERM
            until test "$(stty size)" = '17 91'; do sleep 0.02; done 2>/dev/null; stty size; echo go
            while :; do read line && echo "<$line>"; done
            """, takesInput: true, terminal: terminal)
        // An engine may give a terminal its size when the program is there already.
        var outcome = try await follow(session, until: "go\r\n")
        for text in ["terminal\r\n", "17 91\r\n", "xterm-256color\r\n"] {
            try require(outcome.text().contains(text), "'\(text)' is not in '\(outcome.text())'")
        }
        try await session.give(.bytes(Array("hello\r".utf8)))
        outcome = try await follow(session, outcome, until: "<hello>\r\n")
        try await session.give(.resize(TerminalSize(columns: 120, rows: 40)))
        // A shell may run its trap only after the read it is in.
        try await session.give(.bytes(Array("\r".utf8)))
        outcome = try await follow(session, outcome, until: "40 120\r\n")
        try await session.give(.bytes([3]))
        outcome = try await follow(session, outcome)
        await session.close()
        try require(outcome.text().contains("interrupted"), "Ctrl-C did nothing: '\(outcome.text())'")
        try requireEqual(outcome.code, 5, "the exit code")
    }

    func checkExecEndsWithAttempt() async throws {
        let attempt = try await idling()
        let session = try await exec(attempt, "echo here; while :; do sleep 1; done")
        let outcome = try await follow(session, until: "here")
        try await runtime.stop(attempt, grace: .zero)
        let ended = try await follow(session, outcome)
        await session.close()
        try requireEqual(ended.code, 137, "the exit code of what ended with its attempt")
        try await expect(.ended, from: "a program beside what has ended") {
            _ = try await exec(attempt, "true")
        }
    }

    /// Returns once nothing runs beside the attempt whose command line is like that.
    private func awaitNone(_ pattern: String, in attempt: AttemptID) async throws {
        let look =
            "for p in /proc/[0-9]*; do tr '\\0' ' ' < $p/cmdline; echo; done | grep -c '\(pattern)' || true"
        while true {
            let looking = try await exec(attempt, look)
            let found = try await follow(looking)
            await looking.close()
            if found.text() == "0\n" { return }
            try await subject.environment.clock.sleep(for: .milliseconds(20))
        }
    }

    func checkExecClosed() async throws {
        let attempt = try await idling()
        for terminal in [nil, ExecRequest.Terminal(size: TerminalSize(columns: 80, rows: 24))] {
            let session = try await exec(
                attempt, "echo here; exec sleep 4321", takesInput: true, terminal: terminal)
            _ = try await follow(session, until: "here")
            await session.close()
            try await awaitNone("^sleep 4321", in: attempt)
        }
        // The attempt itself goes on.
        try require(try await listed(attempt)?.exit == nil, "the attempt ended with a program beside it")
    }

    func checkCommandEnds() async throws {
        let attempt = try await idling { $0.environment["COLOUR"] = "blue" }
        let cases: [(script: String, code: Int32, line: String)] = [
            ("true", 0, ""),
            // Of two streams nobody knows which line was the last; each alone is in order.
            ("echo one >&2; echo \"is $COLOUR\" >&2; echo >&2; exit 3", 3, "is blue"),
            ("cat; kill -9 $$", 137, ""),
            ("dd if=/dev/zero bs=65536 count=40 2>/dev/null | tr '\\0' x; echo; echo last", 0, "last"),
        ]
        for (script, code, line) in cases {
            let outcome = try await runtime.run(
                ["sh", "-c", script], beside: attempt, within: .seconds(30), clock: subject.environment.clock)
            try requireEqual(outcome, .ended(code: code, lastLine: line), "what '\(script)' came to")
        }
        try await runtime.stop(attempt, grace: .zero)
        try await expect(.ended, from: "a command beside what has ended") {
            _ = try await runtime.run(
                ["true"], beside: attempt, within: .seconds(30), clock: subject.environment.clock)
        }
    }

    func checkCommandTimesOut() async throws {
        let attempt = try await idling()
        for script in [
            "exec sleep 4322", "while :; do echo no end; done", "trap '' HUP; sleep 4322; sleep 4322",
        ] {
            let outcome = try await runtime.run(
                ["sh", "-c", script], beside: attempt, within: .milliseconds(500),
                clock: subject.environment.clock)
            try requireEqual(outcome, .timedOut, "what '\(script)' came to")
        }
        try await awaitNone("^sleep 4322", in: attempt)
        try require(try await listed(attempt)?.exit == nil, "the attempt ended with a command beside it")
    }

    func checkExecRefusals() async throws {
        let attempt = try await idling()
        do {
            _ = try await runtime.exec(attempt, ExecRequest(command: ["apollo-no-such-command", "x"]))
        } catch .rejected(let message, _) {
            try require(message.contains("apollo-no-such-command"), "the message is '\(message)'")
            let unknown: AttemptID = subject.environment.identifier()
            try await expect(.unknownAttempt, from: "a program beside nothing") {
                _ = try await exec(unknown, "true")
            }
            return
        }
        throw ContractViolation(message: "a command that is not there was run", file: #fileID, line: #line)
    }
}
