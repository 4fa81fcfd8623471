public import HTTPModel

/// One event of a `text/event-stream` (WHATWG HTML, section 9.2).
public struct ServerSentEvent: Hashable, Sendable {
    /// Its type; nil for `message`.
    public var event: String?
    /// What the client sends back as `Last-Event-ID` when it comes again.
    public var id: String?
    public var data: String
    /// How many milliseconds the client waits before it comes again.
    public var retry: Int?

    public init(event: String? = nil, id: String? = nil, data: String, retry: Int? = nil) {
        self.event = event
        self.id = id
        self.data = data
        self.retry = retry
    }

    /// A comment, which clients ignore: it shows that the stream is alive.
    public static let heartbeat = Array(": alive\n\n".utf8)

    /// The bytes of the event. Line ends and NULs in `event` and `id`, which would end them, are left out.
    public var bytes: [UInt8] {
        var bytes: [UInt8] = []
        if let event { Self.append("event", Self.oneLine(event), to: &bytes) }
        if let id { Self.append("id", Self.oneLine(id), to: &bytes) }
        if let retry { Self.append("retry", Array(String(retry).utf8)[...], to: &bytes) }
        // CR LF, CR and LF all end a line: each line of the data is one field.
        var line: [UInt8] = []
        var last: UInt8 = 0
        for byte in data.utf8 {
            let isSecondOfPair = byte == 0x0A && last == 0x0D
            last = byte
            if isSecondOfPair { continue }
            guard byte == 0x0A || byte == 0x0D else {
                line.append(byte)
                continue
            }
            Self.append("data", line[...], to: &bytes)
            line.removeAll(keepingCapacity: true)
        }
        Self.append("data", line[...], to: &bytes)
        bytes.append(0x0A)
        return bytes
    }

    private static func oneLine(_ text: String) -> ArraySlice<UInt8> {
        text.utf8.filter { $0 != 0x0A && $0 != 0x0D && $0 != 0 }[...]
    }

    private static func append(_ field: StaticString, _ value: ArraySlice<UInt8>, to bytes: inout [UInt8]) {
        field.withUTF8Buffer { bytes += $0 }
        bytes += [0x3A, 0x20]
        bytes += value
        bytes.append(0x0A)
    }
}

extension HTTPResponse {
    /// A response of server-sent events: `body` writes them until it returns.
    public static func events(
        _ body: @escaping @Sendable (any HTTPBodyWriter) async throws -> Void
    ) -> HTTPResponse {
        // A proxy that buffers would keep events back (nginx reads the last field).
        let fields = HTTPFields([
            "Content-Type": "text/event-stream", "Cache-Control": "no-store", "X-Accel-Buffering": "no",
        ])
        return HTTPResponse(.ok, fields: fields, body: .stream(length: nil, body))
    }
}
