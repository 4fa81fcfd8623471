import APIMessages
import ClusterModel
import Core
import Documents
import Synchronization
import Terminal

/// Prints what several tasks write at the same time: whole lines, each behind the name of its task.
final class LogPrinter: Sendable {
    private let session: Session
    private let showsNames: Bool
    private let showsTimes: Bool
    private let state = Mutex(State())

    private struct State {
        /// The longest name.
        var width = 0
        /// Lines that have no end yet.
        var begun: [Place: Begun] = [:]
    }

    private struct Place: Hashable {
        let task: TaskID
        let stream: LogLine.Stream
    }

    private struct Begun {
        var bytes: [UInt8] = []
        let time: Timestamp
    }

    /// What has no newline for so long is printed in pieces.
    private static let longestLine = 1 << 20

    init(session: Session, showsNames: Bool, showsTimes: Bool) {
        self.session = session
        self.showsNames = showsNames
        self.showsTimes = showsTimes
    }

    /// Makes room for the names of `sources`.
    func widen(for sources: [LogSource]) {
        let longest = sources.map(\.name.count).max() ?? 0
        state.withLock { $0.width = max($0.width, longest) }
    }

    /// Prints what ends in `line`, and keeps the rest for what comes.
    func print(_ line: LogLine, of source: LogSource) throws {
        guard session.format == .table else {
            // The line as the API has it, and whose it is.
            var text = try JSONWriter.bytes(encoding: ["task": source.name]).dropLast()
            text += [UInt8(ascii: ",")] + line.json.dropFirst() + [UInt8(ascii: "\n")]
            return try write(Array(text), to: .stdout)
        }
        try state.withLock { state in
            let place = Place(task: source.task, stream: line.stream)
            var begun = state.begun[place] ?? Begun(time: line.time)
            var pieces = line.bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
            let rest = pieces.removeLast()
            for piece in pieces {
                begun.bytes += piece
                try write(begun, source, line.stream, state.width)
                begun = Begun(time: line.time)
            }
            begun.bytes += rest
            if begun.bytes.count > Self.longestLine {
                try write(begun, source, line.stream, state.width)
                begun.bytes = []
            }
            state.begun[place] = begun.bytes.isEmpty ? nil : begun
        }
    }

    /// Prints what has no end: nothing more comes of `source`.
    func end(_ source: LogSource) throws {
        try state.withLock { state in
            for stream in [LogLine.Stream.stdout, .stderr] {
                let place = Place(task: source.task, stream: stream)
                guard let begun = state.begun.removeValue(forKey: place) else { continue }
                try write(begun, source, stream, state.width)
            }
        }
    }

    private func write(
        _ begun: Begun, _ source: LogSource, _ stream: LogLine.Stream, _ width: Int
    ) throws {
        let output = stream == .stdout ? session.output : session.errors
        var text: [UInt8] = []
        if showsNames {
            let name = source.name + String(repeating: " ", count: max(0, width - source.name.count)) + " |"
            text += Array((output.styled(name, .dim) + " ").utf8)
        }
        if showsTimes { text += Array("\(begun.time) ".utf8) }
        text += begun.bytes + [UInt8(ascii: "\n")]
        try write(text, to: stream)
    }

    /// A line in one piece, so that those of others do not come between.
    private func write(_ bytes: [UInt8], to stream: LogLine.Stream) throws {
        try (stream == .stdout ? session.output : session.errors).write(bytes: bytes)
    }
}
