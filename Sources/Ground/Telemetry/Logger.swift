public import Core
import Tracing

/// Writes log lines: a moment, a level, a message and fields.
///
/// A logger is a value; ``with(_:)`` gives one that adds fields to every line. What is written while the task works for a traced
/// request says so by itself, in a field `trace`. Logging never throws and never waits for
/// more than one write.
public struct Logger: Sendable {
    /// Lines below it are not written.
    public var level: LogLevel
    private let clock: any WallClock
    private let format: LogFormat
    private let sink: any LogSink
    private var fields: [LogField] = []

    public init(level: LogLevel = .info, format: LogFormat, clock: any WallClock, sink: any LogSink) {
        self.level = level
        self.clock = clock
        self.format = format
        self.sink = sink
    }

    /// A logger that adds `fields` to its lines, after those it adds already.
    public func with(_ fields: KeyValuePairs<String, LogValue>) -> Logger {
        var logger = self
        logger.fields += fields.map { LogField(name: $0.key, value: $0.value) }
        return logger
    }

    public func debug(_ message: @autoclosure () -> String, _ fields: KeyValuePairs<String, LogValue> = [:]) {
        if level <= .debug { write(.debug, message(), fields) }
    }

    public func info(_ message: @autoclosure () -> String, _ fields: KeyValuePairs<String, LogValue> = [:]) {
        if level <= .info { write(.info, message(), fields) }
    }

    public func warning(_ message: @autoclosure () -> String, _ fields: KeyValuePairs<String, LogValue> = [:])
    {
        if level <= .warning { write(.warning, message(), fields) }
    }

    public func error(_ message: @autoclosure () -> String, _ fields: KeyValuePairs<String, LogValue> = [:]) {
        if level <= .error { write(.error, message(), fields) }
    }

    private func write(_ level: LogLevel, _ message: String, _ more: KeyValuePairs<String, LogValue>) {
        var all = fields + more.map { LogField(name: $0.key, value: $0.value) }
        if let trace = CurrentTrace.now {
            all.append(LogField(name: "trace", value: .text(trace.context.traceID.description)))
        }
        sink.write(format.line(LogLine(time: clock.now, level: level, message: message, fields: all)))
    }
}

/// A named value of a log line.
public struct LogField: Hashable, Sendable {
    public var name: String
    public var value: LogValue

    public init(name: String, value: LogValue) {
        self.name = name
        self.value = value
    }
}

/// One line before it is formatted.
public struct LogLine: Hashable, Sendable {
    public var time: Timestamp
    public var level: LogLevel
    public var message: String
    public var fields: [LogField]

    public init(time: Timestamp, level: LogLevel, message: String, fields: [LogField]) {
        self.time = time
        self.level = level
        self.message = message
        self.fields = fields
    }
}
