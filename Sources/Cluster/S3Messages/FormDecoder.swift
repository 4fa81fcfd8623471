/// Why bytes are no form.
public struct FormError: Error, Hashable, Sendable {
    public let reason: String
}

/// Takes a form apart as its bytes come (RFC 7578): fields, which are short, then one file, of any length. What follows the file is
/// not looked at.
public struct FormDecoder: Sendable {
    /// Of all fields together.
    public static let maximumFieldBytes = 64 << 10
    public static let maximumFields = 256
    private static let maximumHeadBytes = 8 << 10

    public enum Event: Hashable, Sendable {
        case field(name: String, value: String)
        /// What follows is of the file.
        case file(name: String, contentType: String?)
        case data([UInt8])
        /// The file has come whole.
        case end
    }

    private enum State: Hashable, Sendable {
        case preamble
        case head
        case field(String)
        case file
        case done
    }

    private let delimiter: [UInt8]
    private var state = State.preamble
    private var buffer: [UInt8]
    private var fieldBytes = 0
    private var fields = 0

    public init(boundary: String) {
        delimiter = Array("\r\n--\(boundary)".utf8)
        // So that the first delimiter, which has no line before it, is found as the others are.
        buffer = Array("\r\n".utf8)
    }

    public var isDone: Bool { state == .done }

    /// The boundary that `Content-Type` names; nil for what is no form with a file.
    public static func boundary(_ contentType: String?) -> String? {
        guard let contentType, contentType.lowercased().hasPrefix("multipart/form-data") else { return nil }
        for part in contentType.split(separator: ";").dropFirst() {
            let sides = part.split(separator: "=", maxSplits: 1)
            guard sides.count == 2, sides[0].filter({ $0 != " " }).lowercased() == "boundary" else {
                continue
            }
            let value = sides[1].filter { $0 != "\"" }
            return (1...70).contains(value.utf8.count) ? value : nil
        }
        return nil
    }

    public mutating func feed(_ bytes: [UInt8]) throws(FormError) -> [Event] {
        guard state != .done else { return [] }
        buffer += bytes
        var events: [Event] = []
        while try step(&events) {}
        return events
    }

    /// False where more bytes are needed, or none.
    private mutating func step(_ events: inout [Event]) throws(FormError) -> Bool {
        switch state {
        case .done: return false
        case .preamble:
            guard let (_, rest) = try section(limit: Self.maximumHeadBytes) else { return false }
            buffer = rest
            state = .head
        case .head:
            // Two hyphens end the form: it had no file.
            guard buffer.count >= 2 else { return false }
            guard !buffer.starts(with: [0x2D, 0x2D]) else { throw FormError(reason: "it has no file") }
            guard let end = Self.find(Array("\r\n\r\n".utf8), in: buffer) else {
                guard buffer.count <= Self.maximumHeadBytes else {
                    throw FormError(reason: "the head of a part is too long")
                }
                return false
            }
            let head = String(decoding: buffer[..<end], as: UTF8.self)
            buffer.removeFirst(end + 4)
            try begin(head, &events)
        case .field(let name):
            guard let (content, rest) = try section(limit: Self.maximumFieldBytes) else { return false }
            fieldBytes += content.count
            fields += 1
            guard fieldBytes <= Self.maximumFieldBytes, fields <= Self.maximumFields else {
                throw FormError(reason: "its fields are too many or too long")
            }
            guard let value = String(validating: content, as: UTF8.self) else {
                throw FormError(reason: "a field is no UTF-8")
            }
            events.append(.field(name: name, value: value))
            buffer = rest
            state = .head
        case .file: return file(&events)
        }
        return true
    }

    private mutating func file(_ events: inout [Event]) -> Bool {
        if let start = Self.find(delimiter, in: buffer) {
            if start > 0 { events.append(.data(Array(buffer[..<start]))) }
            events.append(.end)
            buffer = []
            state = .done
        } else if buffer.count >= delimiter.count {
            // The end of what is there may be the beginning of the delimiter.
            let count = buffer.count - delimiter.count + 1
            events.append(.data(Array(buffer[..<count])))
            buffer.removeFirst(count)
        }
        return false
    }

    /// What stands before the next delimiter, and what behind it; nil where that has not come yet.
    private func section(limit: Int) throws(FormError) -> (content: [UInt8], rest: [UInt8])? {
        guard let start = Self.find(delimiter, in: buffer) else {
            guard buffer.count <= limit + delimiter.count else {
                throw FormError(reason: "a field is too long, or the boundary never comes")
            }
            return nil
        }
        return (Array(buffer[..<start]), Array(buffer[(start + delimiter.count)...]))
    }

    private mutating func begin(_ head: String, _ events: inout [Event]) throws(FormError) {
        var (name, fileName, contentType): (String?, String?, String?) = (nil, nil, nil)
        for line in head.split(separator: "\r\n") {
            let sides = line.split(separator: ":", maxSplits: 1)
            guard sides.count == 2 else { continue }
            let value = sides[1].drop { $0 == " " }
            switch sides[0].lowercased() {
            case "content-disposition":
                name = Self.parameter("name", value)
                fileName = Self.parameter("filename", value)
            case "content-type": contentType = String(value)
            default: break
            }
        }
        guard let name else { throw FormError(reason: "a part has no name") }
        if name.lowercased() == "file" {
            events.append(.file(name: fileName ?? "", contentType: contentType))
            state = .file
        } else {
            state = .field(name)
        }
    }

    /// Of `form-data; name="key"; filename="a b"` one of the values.
    private static func parameter(_ name: String, _ value: Substring) -> String? {
        for part in value.split(separator: ";").dropFirst() {
            let sides = part.split(separator: "=", maxSplits: 1)
            guard sides.count == 2, sides[0].filter({ $0 != " " }).lowercased() == name else { continue }
            return String(sides[1].filter { $0 != "\"" })
        }
        return nil
    }

    private static func find(_ needle: [UInt8], in bytes: [UInt8]) -> Int? {
        bytes.withUnsafeBufferPointer { bytes in
            var at = 0
            while at + needle.count <= bytes.count {
                guard let next = bytes[at...(bytes.count - needle.count)].firstIndex(of: needle[0]) else {
                    return nil
                }
                if bytes[next..<next + needle.count].elementsEqual(needle) { return next }
                at = next + 1
            }
            return nil
        }
    }
}
