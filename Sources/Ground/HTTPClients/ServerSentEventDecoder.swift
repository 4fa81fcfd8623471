/// An event of an event stream.
public struct ServerSentEvent: Hashable, Sendable {
    /// `message` where the stream names none.
    public var type: String
    /// Its `data` lines, joined by LF.
    public var data: String
    /// The last identifier the stream gave, this event's or an earlier one's: to be sent as `Last-Event-ID` when the
    /// stream is taken up again.
    public var lastID: String

    public init(type: String = "message", data: String, lastID: String = "") {
        self.type = type
        self.data = data
        self.lastID = lastID
    }
}

/// Reads an event stream as it comes (WHATWG HTML, section 9.2, "Server-sent events"). Pure: give it the pieces of a
/// body in order.
public struct ServerSentEventDecoder: Sendable {
    public enum Failure: Error, Hashable, Sendable {
        /// A line, or the data of one event, is longer than the limit.
        case tooLong(limit: Int)
    }

    /// How long the stream asks to wait before it is taken up again; nil while it did not say.
    public private(set) var reconnectionTime: Duration?
    /// The last identifier the stream gave.
    public private(set) var lastID = ""

    private let limit: Int
    private var lines: LineDecoder
    private var isFirstLine = true
    private var type = ""
    private var data: [UInt8] = []
    private var hasData = false

    /// - Parameter limit: Bytes of a line, and of an event's data.
    public init(limit: Int = 1 << 20) {
        self.limit = limit
        lines = LineDecoder(limit: limit, splitsAtCarriageReturn: true)
    }

    /// The events that `bytes` completes. What is left when the stream ends is no event.
    public mutating func decode(_ bytes: [UInt8]) throws(Failure) -> [ServerSentEvent] {
        var events: [ServerSentEvent] = []
        let complete: [[UInt8]]
        do throws(LineDecoder.Failure) { complete = try lines.decode(bytes) } catch {
            throw .tooLong(limit: limit)
        }
        for line in complete {
            var line = line[...]
            if isFirstLine, line.starts(with: [0xEF, 0xBB, 0xBF]) { line = line.dropFirst(3) }
            isFirstLine = false
            if line.isEmpty {
                if let event = dispatch() { events.append(event) }
            } else {
                try interpret(line)
            }
        }
        return events
    }

    private mutating func interpret(_ line: ArraySlice<UInt8>) throws(Failure) {
        let name = line.prefix { $0 != UInt8(ascii: ":") }
        var value = line.dropFirst(name.count + 1)
        if value.first == UInt8(ascii: " ") { value.removeFirst() }
        switch String(decoding: name, as: UTF8.self) {
        case "event":
            type = String(decoding: value, as: UTF8.self)
        case "data":
            guard data.count + value.count < limit else { throw .tooLong(limit: limit) }
            if hasData { data.append(10) }
            hasData = true
            data += value
        case "id" where !value.contains(0):
            lastID = String(decoding: value, as: UTF8.self)
        case "retry":
            let isNumber = !value.isEmpty && value.allSatisfy { (48...57).contains($0) }
            if isNumber, let milliseconds = Int32(String(decoding: value, as: UTF8.self)) {
                reconnectionTime = .milliseconds(milliseconds)
            }
        default:
            break  // A comment, whose name is empty, or a field of a later day.
        }
    }

    private mutating func dispatch() -> ServerSentEvent? {
        defer {
            type = ""
            data = []
            hasData = false
        }
        guard hasData else { return nil }
        return ServerSentEvent(
            type: type.isEmpty ? "message" : type, data: String(decoding: data, as: UTF8.self), lastID: lastID
        )
    }
}
