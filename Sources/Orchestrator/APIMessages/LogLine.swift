public import Core
import Documents
import FoundationEssentials

/// A piece of a task's output, one line of `application/x-ndjson`.
public struct LogLine: Hashable, Sendable, Codable {
    public enum Stream: String, Hashable, Sendable, Codable { case stdout, stderr }

    public var stream: Stream
    public var time: Timestamp
    public var attempt: Int
    /// The text, where the bytes are UTF-8; else `base64` has them.
    public var text: String?
    public var base64: String?
    /// The place behind it in the attempt's output: `offset` of a request that goes on there. Nil for what has no place.
    public var offset: Int64?

    public init(stream: Stream, time: Timestamp, attempt: Int, bytes: [UInt8], offset: Int64? = nil) {
        self.stream = stream
        self.time = time
        self.attempt = attempt
        self.offset = offset
        if let text = String(validating: bytes, as: UTF8.self) {
            self.text = text
        } else {
            base64 = Data(bytes).base64EncodedString()
        }
    }

    /// The bytes as the task wrote them.
    public var bytes: [UInt8] {
        if let text { return Array(text.utf8) }
        return base64.flatMap { Data(base64Encoded: $0) }.map { Array($0) } ?? []
    }

    /// The line as it is sent, without its newline. By hand: output comes in great numbers.
    public var json: [UInt8] {
        var writer = JSONWriter(reserving: 96 + (text?.utf8.count ?? base64?.utf8.count ?? 0))
        writer.beginObject()
        writer.field("stream", stream.rawValue)
        writer.field("time", time.description)
        writer.field("attempt", attempt)
        if let offset { writer.field("offset", offset) }
        if let text { writer.field("text", text) }
        if let base64 { writer.field("base64", base64) }
        writer.endObject()
        return writer.bytes
    }
}
