/// What is asked for.
public struct DNSQuestion: Hashable, Sendable {
    public var name: DNSName
    public var type: DNSType
    public var `class`: UInt16
    /// As it came, to be sent back so: some who ask put secrets into the case of letters.
    public var wire: [UInt8]
}

/// What whoever asks can do beside what every one can (RFC 6891).
public struct DNSExtension: Hashable, Sendable {
    /// The largest datagram that it takes.
    public var payload: UInt16
    public var version: UInt8
}

/// A question as it came (RFC 1035, 4.1).
public struct DNSQuery: Hashable, Sendable {
    /// The most records beside the question: one is usual, a signature makes two.
    public static let maximumRecords = 16
    public static let headerBytes = 12

    public var id: UInt16
    /// 0 is a question; others have other ends.
    public var opcode: UInt8
    public var isRecursionDesired: Bool
    public var isCheckingDisabled: Bool
    /// Nil for another opcode.
    public var question: DNSQuestion?
    public var `extension`: DNSExtension?

    public static func read(_ bytes: [UInt8]) throws(DNSFault) -> DNSQuery {
        guard bytes.count >= headerBytes, bytes[2] & 0x80 == 0 else { throw .ignored }
        var reader = DNSReader(bytes, from: 0)
        let id = try reader.number16()
        let flags = try reader.number16()
        let counts = (
            try reader.number16(), try reader.number16(), try reader.number16(), try reader.number16()
        )
        var query = DNSQuery(
            id: id, opcode: UInt8(flags >> 11 & 0xF), isRecursionDesired: flags & 0x0100 != 0,
            isCheckingDisabled: flags & 0x0010 != 0)
        guard query.opcode == 0 else { return query }
        guard counts.0 == 1 else { throw .malformed("it has \(counts.0) questions") }
        let start = reader.offset
        let name = try reader.plainName()
        let type = DNSType(rawValue: try reader.number16())
        query.question = DNSQuestion(
            name: name, type: type, class: try reader.number16(), wire: Array(bytes[start..<reader.offset]))
        let records = Int(counts.1) + Int(counts.2) + Int(counts.3)
        guard records <= maximumRecords else { throw .malformed("it has \(records) records") }
        for _ in 0..<records { try query.readRecord(&reader) }
        guard reader.isAtEnd else { throw .malformed("there is more than it says") }
        return query
    }

    private mutating func readRecord(_ reader: inout DNSReader) throws(DNSFault) {
        let isRoot = try reader.passName()
        let type = DNSType(rawValue: try reader.number16())
        let payload = try reader.number16()
        let flags = try reader.number32()
        _ = try reader.take(Int(try reader.number16()))
        guard type == .opt else { return }
        guard isRoot, `extension` == nil else { throw .malformed("it has an OPT record that is none") }
        `extension` = DNSExtension(payload: payload, version: UInt8(flags >> 16 & 0xFF))
    }

    /// What tells the sender of bytes that cannot be read that they cannot: a header alone.
    public static func refusal(of bytes: [UInt8], _ code: DNSCode) -> [UInt8]? {
        guard bytes.count >= headerBytes, bytes[2] & 0x80 == 0 else { return nil }
        var answer = [UInt8](repeating: 0, count: headerBytes)
        (answer[0], answer[1]) = (bytes[0], bytes[1])
        answer[2] = 0x80 | bytes[2] & 0x79
        answer[3] = UInt8(code.rawValue & 0xF)
        return answer
    }

    /// The largest answer that it takes in a datagram.
    public func payload(upTo limit: Int) -> Int {
        max(512, min(Int(`extension`?.payload ?? 512), limit))
    }
}
