import Core
import Glibc
import Telemetry
import Testing
import Tracing

private struct StoppedClock: WallClock {
    var now: Timestamp { Timestamp(microseconds: 1_795_253_411_123_456) }
}

@Suite struct LoggerTests {
    private let sink = MemoryLogSink()

    private func logger(
        _ style: LogFormat.Style, level: LogLevel = .debug, maximumSize: Int = 4096
    ) -> Logger {
        Logger(
            level: level, format: LogFormat(style, maximumSize: maximumSize), clock: StoppedClock(),
            sink: sink)
    }

    @Test func `a line for people reads from left to right`() {
        logger(.human(colour: false)).with(["node": "n1"]).info(
            "a task started", ["task": "web 1", "attempt": 2, "ok": true, "empty": ""])
        let time = StoppedClock().now.description
        #expect(
            sink.lines == [#"\#(time) INFO  a task started  node=n1 task="web 1" attempt=2 ok=true empty="""#]
        )
    }

    @Test func `a line for programs is one JSON object`() {
        logger(.json).error(
            "it \"failed\"\n", ["seconds": .init(Duration.milliseconds(1500)), "note": "\u{1}é"])
        let time = StoppedClock().now.description
        #expect(
            sink.lines == [
                #"{"time":"\#(time)","level":"error","message":"it \"failed\"\n","seconds":1.5,"note":"\u0001é"}"#
            ])
    }

    @Test func `a line written for a traced request says in which trace it is`() async throws {
        let parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
        let context = try #require(TraceContext(parsing: parent))
        let logger = logger(.json)
        await CurrentTrace.with(context, nil) { logger.info("in", ["a": 1]) }
        logger.info("out", ["a": 1])
        #expect(sink.lines[0].hasSuffix(#""a":1,"trace":"4bf92f3577b34da6a3ce929d0e0e4736"}"#))
        #expect(sink.lines[1].hasSuffix(#""a":1}"#))
    }

    @Test func `levels below the logger's are not written, nor computed`() {
        let logger = logger(.json, level: .warning)
        func expensive() -> String {
            Issue.record("the message was computed")
            return ""
        }
        logger.info(expensive())
        logger.debug(expensive())
        logger.warning("w")
        #expect(sink.lines.count == 1)
    }

    @Test func `no value can forge a line or move the cursor`() {
        logger(.human(colour: false)).info(
            "a\nb\u{1B}[31m", ["x": "1\r\n2026 ERROR forged", "y": "\u{202E}\u{9B}\u{2028}", "z": "a=\"b\\"])
        let line = sink.lines[0]
        #expect(sink.lines.count == 1)
        #expect(line.contains(#"a\nb\u{1b}[31m"#))
        #expect(line.contains(#"x="1\r\n2026 ERROR forged""#))
        #expect(line.contains(#"y=\u{202e}\u{9b}\u{2028}"#))
        #expect(line.contains(#"z="a=\"b\\""#))
        #expect(!line.utf8.contains { $0 < 0x20 })
    }

    @Test func `secrets do not print`() {
        let secret = Redacted("hunter2")
        logger(.json).info("login with \(secret)", ["token": .init(secret), "other": .redacted])
        logger(.human(colour: true)).info("\(secret)", ["token": .init(secret)])
        var dumped = ""
        dump(secret, to: &dumped)
        for text in sink.lines + [dumped, String(reflecting: secret), "\([secret])"] {
            #expect(!text.contains("hunter2"))
        }
        #expect(sink.lines[0].contains(#""token":"[redacted]""#))
        #expect(secret.revealed == "hunter2")
    }

    @Test(arguments: [LogFormat.Style.json, .human(colour: true)])
    func `a line is bounded and says that it was cut`(_ style: LogFormat.Style) {
        let big = String(repeating: "é\n", count: 100_000)
        logger(style).info(big, ["a": .text(big), "b": .text(big), "c": 1])
        logger(style).info("short", ["a": .text(big)])
        for line in sink.lines {
            #expect(line.utf8.count < 4096)
            #expect(line.hasSuffix(style == .json ? #","cut":true}"# : " [cut]"))
        }
        #expect(sink.lines[0].contains(style == .json ? #""c":1"# : "c=1"))
    }

    @Test func `each line is one write, and one that cannot be written is dropped and counted`() throws {
        var ends: [Int32] = [0, 0]
        let result = pipe(&ends)
        try #require(result == 0)
        defer { ends.forEach { close($0) } }
        #expect(fcntl(ends[1], F_SETFL, O_NONBLOCK) == 0)
        let sink = FileDescriptorLogSink(descriptor: ends[1])
        let line = [UInt8](repeating: 0x61, count: 4095) + [0x0A]
        for _ in 0..<100 { sink.write(line) }
        #expect(sink.droppedLines > 0)
        #expect(sink.droppedLines < 100)
        #expect(!sink.isTerminal)
        var buffer = [UInt8](repeating: 0, count: 4096)
        for _ in 0..<(100 - sink.droppedLines) {
            #expect(read(ends[0], &buffer, buffer.count) == 4096)
            #expect(buffer == line)
        }
        let closed = FileDescriptorLogSink(descriptor: -1)
        closed.write(line)
        #expect(closed.droppedLines == 1)
    }
}
