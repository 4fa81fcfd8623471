import FoundationEssentials

/// Reads JSON texts from outside: bounded in size and depth, in UTF-8 only, and without repeated keys.
public struct JSONReader: Sendable {
    /// The most bytes of a text.
    public var maximumSize: Int
    /// The most objects and arrays inside each other.
    public var maximumDepth: Int

    public init(maximumSize: Int = 1 << 20, maximumDepth: Int = 64) {
        self.maximumSize = maximumSize
        self.maximumDepth = maximumDepth
    }

    /// The value of a whole text.
    public func read(_ bytes: [UInt8]) throws(JSONError) -> JSONValue {
        guard bytes.count <= maximumSize else {
            throw JSONError("\(bytes.count) bytes of JSON are more than the \(maximumSize) allowed")
        }
        let text = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes[3...] : bytes[...]
        guard text.contains(where: { $0 > 0x20 }) else { throw JSONError("the JSON text is empty") }
        // Foundation would take a text with NULs for UTF-16, and this pass would then have read another one.
        if let control = text.firstIndex(where: { $0 < 0x20 && $0 != 0x09 && $0 != 0x0A && $0 != 0x0D }) {
            throw JSONError("a control character stands there unescaped", at: control, in: text)
        }
        try requireUTF8(text)
        let outline = try JSONOutline(of: text, maximumDepth: maximumDepth)
        let cursor = OutlineCursor(outline)
        do {
            let decoder = JSONDecoder()
            return try decoder.decode(OutlinedValue.self, from: Data(text), configuration: cursor).value
        } catch {
            // The grammar around values is known to be right: what fails is the value the decoder is at.
            guard let node = cursor.current else { throw JSONError("the JSON text is malformed") }
            throw JSONError(Self.problem(of: node.kind), at: node.start, in: text)
        }
    }

    private static func problem(of kind: JSONOutline.Kind) -> String {
        switch kind {
        case .integer, .fraction: "the number is malformed or too large"
        case .string: "the string has a wrong escape"
        case .bool, .null, .object, .array: "the JSON text is malformed"
        }
    }

    private func requireUTF8(_ text: ArraySlice<UInt8>) throws(JSONError) {
        let failure: Int? = text.withUnsafeBufferPointer { buffer -> Int? in
            do throws(UTF8.ValidationError) {
                _ = try UTF8Span(validating: buffer.span)
                return nil
            } catch {
                return error.byteOffsets.lowerBound
            }
        }
        if let failure {
            throw JSONError("the bytes are not UTF-8", at: text.startIndex + failure, in: text)
        }
    }
}

/// Where the decoding of an outlined text is: values are decoded in the order of the text.
private final class OutlineCursor {
    private let nodes: [JSONOutline.Node]
    private var next = 0

    init(_ outline: JSONOutline) { nodes = outline.nodes }

    /// The value being decoded, or the first one where none has begun.
    var current: JSONOutline.Node? { nodes.isEmpty ? nil : nodes[max(0, next - 1)] }

    func advance(_ decoder: any Decoder) throws -> JSONOutline.Kind {
        guard next < nodes.count else {
            throw DecodingError.dataCorrupted(
                .init(codingPath: decoder.codingPath, debugDescription: "more values than expected"))
        }
        defer { next += 1 }
        return nodes[next].kind
    }
}

private struct OutlinedValue: DecodableWithConfiguration {
    var value: JSONValue

    init(from decoder: any Decoder, configuration cursor: OutlineCursor) throws {
        switch try cursor.advance(decoder) {
        case .object(let keys):
            let container = try decoder.container(keyedBy: AnyKey.self)
            var object = JSONObject()
            for key in keys {
                let member = try container.decode(
                    OutlinedValue.self, forKey: AnyKey(stringValue: key), configuration: cursor)
                object.append(key, member.value)
            }
            value = .object(object)
        case .array:
            var container = try decoder.unkeyedContainer()
            var values: [JSONValue] = []
            while !container.isAtEnd {
                values.append(try container.decode(OutlinedValue.self, configuration: cursor).value)
            }
            value = .array(values)
        case .string:
            value = .string(try decoder.singleValueContainer().decode(String.self))
        case .bool:
            value = .bool(try decoder.singleValueContainer().decode(Bool.self))
        case .integer:
            let container = try decoder.singleValueContainer()
            // Beyond 64 bits it is a number like any other, and a schema for integers refuses it.
            if let integer = try? container.decode(Int64.self) {
                value = .integer(integer)
            } else {
                value = .number(try container.decode(Double.self))
            }
        case .fraction:
            value = .number(try decoder.singleValueContainer().decode(Double.self))
        case .null:
            guard try decoder.singleValueContainer().decodeNil() else {
                throw DecodingError.dataCorrupted(
                    .init(codingPath: decoder.codingPath, debugDescription: "expected null"))
            }
            value = .null
        }
    }
}
