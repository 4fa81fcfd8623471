/// Why bytes are no question.
public enum DNSFault: Error, Hashable, Sendable {
    /// Too short, or an answer: whoever answers it may answer an answer, without end.
    case ignored
    /// What is wrong; the sender can be told.
    case malformed(String)
}

/// Reads a message from its beginning to its end. Never beyond either, and never twice the same byte but by a pointer in a name.
struct DNSReader {
    let bytes: [UInt8]
    private(set) var offset: Int

    init(_ bytes: [UInt8], from offset: Int) {
        self.bytes = bytes
        self.offset = offset
    }

    var isAtEnd: Bool { offset == bytes.count }

    mutating func byte() throws(DNSFault) -> UInt8 {
        guard offset < bytes.count else { throw .malformed("it ends too early") }
        defer { offset += 1 }
        return bytes[offset]
    }

    mutating func number16() throws(DNSFault) -> UInt16 {
        UInt16(try byte()) << 8 | UInt16(try byte())
    }

    mutating func number32() throws(DNSFault) -> UInt32 {
        UInt32(try number16()) << 16 | UInt32(try number16())
    }

    mutating func take(_ count: Int) throws(DNSFault) -> ArraySlice<UInt8> {
        guard count <= bytes.count - offset else { throw .malformed("it ends too early") }
        defer { offset += count }
        return bytes[offset..<(offset + count)]
    }

    /// A name that stands where it is: nobody compresses the name of the only question.
    mutating func plainName() throws(DNSFault) -> DNSName {
        var labels: [[UInt8]] = []
        var total = 1
        while true {
            let length = Int(try byte())
            if length == 0 { break }
            guard length <= DNSName.maximumLabelBytes else {
                throw .malformed("the name of the question has a label that is none")
            }
            total += length + 1
            guard total <= DNSName.maximumBytes else { throw .malformed("the name is too long") }
            labels.append(Array(try take(length)))
        }
        guard let name = DNSName(labels: labels) else { throw .malformed("the name is none") }
        return name
    }

    /// Passes over the name of a record: its labels up to the root or a pointer, which is not followed. Whether it is the root.
    mutating func passName() throws(DNSFault) -> Bool {
        var total = 1
        while true {
            let length = try byte()
            switch length >> 6 {
            case 0b00:
                if length == 0 { return total == 1 }
                total += Int(length) + 1
                guard total <= DNSName.maximumBytes else { throw .malformed("a name is too long") }
                _ = try take(Int(length))
            case 0b11:
                _ = try byte()
                return false
            default: throw .malformed("a name has a label that is none")
            }
        }
    }
}
