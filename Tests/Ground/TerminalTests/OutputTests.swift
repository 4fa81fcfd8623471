import Glibc
import PseudoTerminals
import Terminal
import Testing

@Suite struct OutputTests {
    private let program: String

    init() throws { program = try builtProgram("cli-sample") }

    @Test func `colors are for terminals whose user allows them`() {
        // A file is no terminal, whatever the variables say.
        let output = Output(descriptor: 0, variables: ["TERM": "xterm"])
        if isatty(0) == 0 { #expect(!output.usesColor && !output.isTerminal && output.size() == nil) }
    }

    @Test(arguments: [
        (["TERM": "xterm"], true), (["TERM": "dumb"], false), ([:], false),
        (["TERM": "xterm", "NO_COLOR": "1"], false), (["TERM": "xterm", "NO_COLOR": ""], true),
    ])
    func `NO_COLOR and TERM are heeded`(variables: [String: String], isColored: Bool) throws {
        let terminal = try PseudoTerminal([program, "list"], variables: variables)
        #expect(try terminal.finish() == 0)
        #expect(terminal.transcript.contains("\u{1b}[") == isColored)
        #expect(terminal.transcript.contains("odd\\u{1b}[31m\\none"))
    }

    @Test func `a table is cut to the terminal, and whole in a pipe`() throws {
        let terminal = try PseudoTerminal([program, "list"], columns: 40)
        #expect(try terminal.finish() == 0)
        #expect(
            terminal.transcript == """
                NAME              LEGS  HABITAT\r
                ant                  6  under the stone…\r
                パンダ               4  竹林\r
                odd\\u{1b}[31m\\n…     0  https://example…\r

                """)
        #expect(try runProgram([program, "list"]).output.contains("in the afternoon\n"))
    }

    @Test func `a reader that goes away ends the program quietly`() throws {
        let script = "'\(program)' list --count 100000 | head -n 1; echo ${PIPESTATUS[0]}"
        let finished = try runProgram(["/bin/bash", "-c", script], variables: ["PATH": "/usr/bin:/bin"])
        #expect(finished.output == "NAME                LEGS  HABITAT\n141\n")
        #expect(finished.errors == "")
    }

    @Test(.enabled(if: access("/dev/full", W_OK) == 0, "there is no /dev/full"))
    func `a full disk is told of`() throws {
        let finished = try runProgram(["/bin/sh", "-c", "'\(program)' list >/dev/full"])
        #expect(finished.status == 74)
        #expect(finished.errors == "cli-sample: cannot write the output: No space left on device\n")
    }

    @Test func `a descriptor that others made non-blocking gets everything`() throws {
        var ends: [Int32] = [0, 0]
        let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        try #require(socketpair(AF_UNIX, kind, 0, &ends) == 0)
        let (near, far) = (ends[0], ends[1])
        defer { close(near) }
        let bytes = [UInt8](repeating: UInt8(ascii: "x"), count: 3 << 20)
        var thread = pthread_t()
        let reader = Reader(descriptor: far)
        let argument = Unmanaged.passRetained(reader).toOpaque()
        let started = pthread_create(
            &thread, nil,
            { argument in
                Unmanaged<Reader>.fromOpaque(argument!).takeRetainedValue().run()
                return nil
            }, argument)
        try #require(started == 0)
        try Output(descriptor: near, variables: [:]).write(bytes: bytes)
        shutdown(near, Int32(SHUT_WR))
        pthread_join(thread, nil)
        #expect(reader.count == bytes.count)
    }

    /// Reads slowly enough that the writer has to wait.
    private final class Reader: @unchecked Sendable {
        // Written by its thread alone, and read once that is joined.
        var count = 0
        let descriptor: Int32

        init(descriptor: Int32) { self.descriptor = descriptor }

        func run() {
            var buffer = [UInt8](repeating: 0, count: 4096)
            while true {
                var request = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
                guard poll(&request, 1, 20_000) > 0 else { break }
                let read = Glibc.read(descriptor, &buffer, buffer.count)
                guard read > 0 else { break }
                count += read
            }
            close(descriptor)
        }
    }

    @Test func `progress on a real terminal appears late, moves and is erased`() throws {
        let terminal = try PseudoTerminal(
            [program, "progress", "--seconds", "2", "--layers", "2"], variables: ["TERM": "xterm"],
            columns: 100)
        _ = try terminal.read(until: "half of it\r\n")
        _ = try terminal.read(until: "layer 1")
        #expect(try terminal.finish() == 0)
        #expect(terminal.transcript.hasSuffix("\r\u{1b}[1A\u{1b}[Jdone\r\n"))
        let frames = terminal.transcript.split(separator: "layer 0").count
        #expect(frames < 15, "at most ten frames a second, and none in the first")
    }

    @Test func `progress in a pipe is silent unless lines are asked for`() throws {
        let silent = try runProgram([program, "progress", "--seconds", "0.2"])
        #expect(silent.errors == "half of it\n" && silent.output == "done\n")
        let lines = try runProgram([program, "progress", "--seconds", "2.2", "--layers", "1", "--lines"])
        #expect(lines.errors.contains("layer 0: "))
        #expect(!lines.errors.contains("\u{1b}") && !lines.errors.contains("\r"))
    }
}
