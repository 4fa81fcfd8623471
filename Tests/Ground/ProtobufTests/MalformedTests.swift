import Protobuf
import ProtobufSamples
import Testing

struct MalformedTests {
    struct Fault: CustomTestStringConvertible, Sendable {
        var testDescription: String
        var bytes: [UInt8]
        var cause: ProtobufError.Cause
        var offset: Int
        var field: Int?

        init(_ name: String, _ bytes: [UInt8], _ cause: ProtobufError.Cause, at offset: Int, field: Int?) {
            testDescription = name
            self.bytes = bytes
            self.cause = cause
            self.offset = offset
            self.field = field
        }
    }

    private static let ten = [UInt8](repeating: 0xff, count: 10)

    static let faults: [Fault] = [
        Fault("a tag without a value", [0x18], .truncated, at: 0, field: 3),
        Fault("a tag that does not end", [0x18, 1, 0x80], .truncated, at: 2, field: nil),
        Fault("a number that does not end", [0x18, 0x80], .truncated, at: 0, field: 3),
        Fault("three bytes of four", [0x4d, 1, 2, 3], .truncated, at: 0, field: 9),
        Fault("seven bytes of eight", [0x51, 1, 2, 3, 4, 5, 6, 7], .truncated, at: 0, field: 10),
        Fault("text shorter than it says", [0x18, 1, 0x72, 5, 97], .truncated, at: 2, field: 14),
        Fault("a length above 2^63", [0x72] + ten.dropLast() + [1], .truncated, at: 0, field: 14),
        Fault("a message shorter than it says", [0x92, 0x01, 9, 0x08, 1], .truncated, at: 0, field: 18),
        Fault("a value beyond its message", [0x92, 0x01, 1, 0x08, 1], .truncated, at: 3, field: 1),
        Fault("packed numbers that do not end", [0x8a, 0x02, 1, 0x80, 1], .truncated, at: 0, field: 33),
        Fault("packed doubles and a half", [0xfa, 0x01, 4, 0, 0, 0, 0], .truncated, at: 0, field: 31),
        Fault("a group that does not end", [0xcb, 0x06, 0x08, 1], .truncated, at: 2, field: 1),
        Fault("eleven bytes of a number", [0x18] + ten + [1], .longNumber, at: 0, field: 3),
        Fault("field 0", [0x00, 1], .invalidTag, at: 0, field: nil),
        Fault("wire type 6", [0x1e, 1], .invalidTag, at: 0, field: nil),
        Fault("wire type 7", [0x1f, 1], .invalidTag, at: 0, field: nil),
        Fault(
            "a field number of 30 bits", [0x80, 0x80, 0x80, 0x80, 0x10, 1], .invalidTag, at: 0, field: nil),
        Fault("a tag of six bytes", [0x98, 0x80, 0x80, 0x80, 0x80, 0x00, 1], .invalidTag, at: 0, field: nil),
        Fault("text that is not UTF-8", [0x72, 2, 0xc3, 0x28], .invalidText, at: 0, field: 14),
        Fault("a surrogate in text", [0x72, 3, 0xed, 0xa0, 0x80], .invalidText, at: 0, field: 14),
        Fault(
            "a map's key that is not UTF-8", [0xea, 0x03, 3, 0x0a, 1, 0xff], .invalidText, at: 3, field: 1),
        Fault("the end of no group", [0x0c], .unmatchedGroup, at: 0, field: 1),
        Fault("the end of another group", [0xcb, 0x06, 0x0c], .unmatchedGroup, at: 2, field: 1),
    ]

    @Test("Bytes that are no message are refused, with the field and the place", arguments: faults)
    func refused(_ fault: Fault) throws {
        let error = try #require(throws: ProtobufError.self) { try Everything(protobuf: fault.bytes) }
        #expect(error == ProtobufError(fault.cause, offset: fault.offset, field: fault.field))
    }

    @Test("Every message cut short anywhere is refused or is a shorter one, and is never read beyond")
    func cutShort() throws {
        var source = SampleSource(seed: 3)
        for _ in 0..<20 {
            let bytes = source.everything().protobufBytes()
            for count in 0..<bytes.count {
                do throws(ProtobufError) {
                    let message = try Everything(protobuf: bytes[..<count])
                    #expect(try message == Everything(protobuf: message.protobufBytes()))
                } catch {
                    #expect(error.cause == .truncated)
                    #expect(error.offset <= count)
                }
            }
        }
    }

    /// So many trees in one another, below the outermost.
    private func nested(_ depth: Int) -> [UInt8] {
        var tree = Tree()
        for _ in 0..<depth { tree = Tree(left: tree) }
        return tree.protobufBytes()
    }

    @Test("Messages lie in one another a hundred deep, and no deeper")
    func depth() throws {
        #expect(try Tree(protobuf: nested(100)).protobufBytes() == nested(100))
        let error = try #require(throws: ProtobufError.self) { try Tree(protobuf: nested(101)) }
        #expect(error.cause == .tooDeep)
        #expect(throws: Never.self) { try Tree(protobuf: nested(101), limits: ProtobufLimits(depth: 101)) }
    }

    @Test("Groups that are not known count as messages")
    func groupDepth() throws {
        let groups = { (count: Int) in
            [UInt8](repeating: 0x0b, count: count) + [UInt8](repeating: 0x0c, count: count)
        }
        #expect(try Nothing(protobuf: groups(100)).protobufBytes() == groups(100))
        let error = try #require(throws: ProtobufError.self) { try Nothing(protobuf: groups(101)) }
        #expect(error.cause == .tooDeep)
    }

    @Test("A message above the limit is refused before it is read")
    func size() throws {
        let limits = ProtobufLimits(bytes: 3)
        #expect(try Everything(protobuf: [0x18, 0x96, 0x01], limits: limits).anInt32 == 150)
        let error = try #require(throws: ProtobufError.self) {
            try Everything(protobuf: [0x18, 0x96, 0x01, 0x00], limits: limits)
        }
        #expect(error.description == "the message is not valid protobuf: it has more than 3 bytes")
    }

    @Test("An error says the field, the place and what is wrong")
    func description() throws {
        let error = try #require(throws: ProtobufError.self) {
            try Everything(protobuf: [0x18, 1, 0x72, 1, 0xff])
        }
        #expect(
            error.description
                == "the message is not valid protobuf: field 14, at byte 2: its text is not UTF-8")
    }
}
