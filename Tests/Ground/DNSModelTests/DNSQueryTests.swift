import DNSModel
import Testing

/// A question for `name`, with what a test changes about it.
func question(
    _ name: String, _ type: DNSType = .a, id: UInt16 = 0x1234, payload: UInt16? = nil, version: UInt8 = 0
) -> [UInt8] {
    var bytes: [UInt8] = [
        UInt8(id >> 8), UInt8(id & 0xFF), 1, 0, 0, 1, 0, 0, 0, 0, 0, payload == nil ? 0 : 1,
    ]
    for label in name.split(separator: ".") { bytes += [UInt8(label.utf8.count)] + Array(label.utf8) }
    bytes += [0, UInt8(type.rawValue >> 8), UInt8(type.rawValue & 0xFF), 0, 1]
    if let payload {
        bytes += [0, 0, 41, UInt8(payload >> 8), UInt8(payload & 0xFF), 0, version, 0, 0, 0, 0]
    }
    return bytes
}

struct DNSQueryTests {
    @Test func `a question is read with its name in small letters, and kept as it came`() throws {
        let bytes = question("Web.Apollo.INTERNAL", .srv, payload: 4096)
        let query = try DNSQuery.read(bytes)
        #expect(query.id == 0x1234)
        #expect(query.isRecursionDesired)
        #expect(query.question?.name == DNSName("web.apollo.internal"))
        #expect(query.question?.type == .srv)
        #expect(query.question?.wire == Array(bytes[12..<(bytes.count - 11)]))
        #expect(query.extension?.payload == 4096 && query.extension?.version == 0)
        #expect(query.payload(upTo: 1200) == 1200)
        #expect(try DNSQuery.read(question("a")).payload(upTo: 1200) == 512)
    }

    @Test func `a question cut off anywhere is none`() {
        let bytes = question("web.apollo.internal", payload: 1232)
        for count in 0..<bytes.count {
            #expect(throws: DNSFault.self) { try DNSQuery.read(Array(bytes[..<count])) }
        }
        #expect(throws: DNSFault.malformed("there is more than it says")) { try DNSQuery.read(bytes + [0]) }
    }

    @Test func `an answer is not answered`() {
        var bytes = question("web")
        bytes[2] |= 0x80
        #expect(throws: DNSFault.ignored) { try DNSQuery.read(bytes) }
        #expect(DNSQuery.refusal(of: bytes, .formatError) == nil)
    }

    @Test func `names that point, to themselves too, and labels of other kinds are refused`() {
        for label: [UInt8] in [[0xC0, 12], [0xC0, 0xFF], [0x40, 0], [0x80, 1]] {
            let bytes = Array(question("").prefix(12)) + label + [0, 0, 1, 0, 1]
            #expect(throws: DNSFault.self) { try DNSQuery.read(bytes) }
        }
    }

    @Test func `a name of 255 bytes is read, and one of 256 is not`() throws {
        let label = String(repeating: "a", count: 63)
        let longest = [label, label, label, String(label.dropLast(2))].joined(separator: ".")
        #expect(try DNSQuery.read(question(longest)).question?.name.wireBytes == 255)
        #expect(throws: DNSFault.malformed("the name is too long")) {
            try DNSQuery.read(question(longest + "a"))
        }
        #expect(DNSName(longest) != nil && DNSName(longest + "a") == nil && DNSName(label + "a") == nil)
    }

    @Test func `two questions, too many records and two OPT records are refused`() {
        var bytes = question("web", payload: 1232)
        bytes[5] = 2
        #expect(throws: DNSFault.malformed("it has 2 questions")) { try DNSQuery.read(bytes) }
        bytes = question("web")
        bytes[7] = 200
        #expect(throws: DNSFault.malformed("it has 200 records")) { try DNSQuery.read(bytes) }
        bytes = question("web", payload: 1232) + question("", payload: 512).suffix(11)
        bytes[11] = 2
        #expect(throws: DNSFault.malformed("it has an OPT record that is none")) { try DNSQuery.read(bytes) }
    }

    @Test func `another opcode is read without a question`() throws {
        var bytes = question("web")
        bytes[2] = 0x28
        let query = try DNSQuery.read(bytes)
        #expect(query.question == nil && query.opcode == 5)
        let answer = DNSResponse(.notImplemented).bytes(answering: query, limit: 512)
        #expect(answer == [0x12, 0x34, 0xA8, 0x04, 0, 0, 0, 0, 0, 0, 0, 0])
    }

    @Test func `a refusal is a header with the same identifier`() {
        let refusal = DNSQuery.refusal(of: [9, 8, 1, 0] + [UInt8](repeating: 7, count: 20), .formatError)
        #expect(refusal == [9, 8, 0x81, 1, 0, 0, 0, 0, 0, 0, 0, 0])
        #expect(DNSQuery.refusal(of: [9, 8, 1], .formatError) == nil)
    }
}
