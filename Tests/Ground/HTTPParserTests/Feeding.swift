import HTTPModel
import HTTPParser

/// What came out of a parser: the events with the bodies' bytes joined, and the error that ended them.
struct Reading: Equatable, CustomStringConvertible {
    var events: [String] = []
    var heads: [HTTPRequestHead] = []
    var error: HTTPParseError?
    private var isInBody = false

    var description: String { "\(events) \(error.map { "\($0)" } ?? "")" }

    /// Feeds `bytes` to a parser as a connection would: `sizes` bytes more at a time, in turn.
    init(_ bytes: [UInt8], pieces sizes: [Int], limits: HTTPParserLimits = HTTPParserLimits()) {
        let parser = HTTPRequestParser(limits: limits)
        var buffer: [UInt8] = []
        var arrived = 0
        var turn = 0
        do throws(HTTPParseError) {
            while true {
                let (event, consumed) = try parser.next(buffer.span.bytes)
                add(event, buffer)
                buffer.removeFirst(consumed)
                guard event == .needsMore else { continue }
                guard buffer.count <= parser.bufferedLimit else {
                    events.append("kept \(buffer.count) bytes")
                    return
                }
                guard arrived < bytes.count else { return }
                let size = min(sizes[turn % sizes.count], bytes.count - arrived)
                turn += 1
                buffer += bytes[arrived..<arrived + size]
                arrived += size
            }
        } catch {
            self.error = error
        }
    }

    init(_ text: String, limits: HTTPParserLimits = HTTPParserLimits()) {
        self.init(Array(text.utf8), pieces: [1 << 20], limits: limits)
    }

    private mutating func add(_ event: HTTPParserEvent, _ buffer: [UInt8]) {
        switch event {
        case .needsMore: return
        case .head(let head):
            heads.append(head)
            events.append("\(head.method) \(head.target) \(head.body)")
        case .body(let range):
            let text = String(decoding: buffer[range], as: UTF8.self)
            if isInBody { events[events.count - 1] += text } else { events.append("body " + text) }
            isInBody = true
            return
        case .end: events.append("end")
        }
        isInBody = false
    }
}
