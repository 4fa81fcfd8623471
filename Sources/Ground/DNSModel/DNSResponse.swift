/// An answer, before it has bytes.
public struct DNSResponse: Hashable, Sendable {
    /// The largest datagram that is sent, and said to be taken: it fits into every packet of the Internet.
    public static let payload = 1200
    /// The largest message over TCP.
    public static let streamLimit = 65535

    public var code: DNSCode
    public var isAuthoritative: Bool
    /// Whether names elsewhere are asked for, too.
    public var isRecursionAvailable: Bool
    public var answers: [DNSRecord]
    public var authority: [DNSRecord]
    /// What will be asked for next; left out where it does not fit.
    public var additional: [DNSRecord]

    public init(
        _ code: DNSCode, isAuthoritative: Bool = false, isRecursionAvailable: Bool = false,
        answers: [DNSRecord] = [], authority: [DNSRecord] = [], additional: [DNSRecord] = []
    ) {
        self.code = code
        self.isAuthoritative = isAuthoritative
        self.isRecursionAvailable = isRecursionAvailable
        self.answers = answers
        self.authority = authority
        self.additional = additional
    }

    /// The answer to `query` in at most `limit` bytes, which are 512 at least. Where not all answers fit, it says so by the TC bit.
    public func bytes(answering query: DNSQuery, limit: Int) -> [UInt8] {
        precondition(limit >= 512)
        let options = query.extension == nil ? 0 : 11
        var writer = DNSWriter(limit: limit - options)
        writer.header(self, query)
        var counts = (answers: 0, authority: 0, additional: 0)
        var isCut = false
        for record in answers {
            guard writer.add(record) else {
                isCut = true
                break
            }
            counts.answers += 1
        }
        if !isCut {
            for record in authority where writer.add(record) { counts.authority += 1 }
            for record in additional {
                guard writer.add(record) else { break }
                counts.additional += 1
            }
        }
        if query.extension != nil {
            writer.options(code)
            counts.additional += 1
        }
        writer.finish(isCut: isCut, counts)
        return writer.bytes
    }
}

/// Writes a message; names that stand there already are pointed to (RFC 1035, 4.1.4).
private struct DNSWriter {
    private(set) var bytes: [UInt8] = []
    private let limit: Int
    private var places: [ArraySlice<[UInt8]>: Int] = [:]
    /// Of the record that is being added.
    private var newPlaces: [ArraySlice<[UInt8]>] = []

    init(limit: Int) { self.limit = limit }

    mutating func header(_ response: DNSResponse, _ query: DNSQuery) {
        put(query.id)
        var flags: UInt16 = 0x8000 | UInt16(query.opcode & 0xF) << 11 | response.code.rawValue & 0xF
        if response.isAuthoritative { flags |= 0x0400 }
        if query.isRecursionDesired { flags |= 0x0100 }
        if response.isRecursionAvailable { flags |= 0x0080 }
        if query.isCheckingDisabled { flags |= 0x0010 }
        put(flags)
        put(UInt16(query.question == nil ? 0 : 1))
        bytes += [UInt8](repeating: 0, count: 6)
        guard let question = query.question else { return }
        note(question.name)
        bytes += question.wire
    }

    /// Adds a record, or leaves everything as it is where there is no room.
    mutating func add(_ record: DNSRecord) -> Bool {
        let before = bytes.count
        newPlaces.removeAll(keepingCapacity: true)
        put(record.name)
        put(record.type.rawValue)
        put(DNSClass.internet)
        put(record.timeToLive)
        let length = bytes.count
        put(UInt16(0))
        put(record.data)
        let count = bytes.count - length - 2
        (bytes[length], bytes[length + 1]) = (UInt8(count >> 8), UInt8(count & 0xFF))
        guard bytes.count <= limit else {
            bytes.removeLast(bytes.count - before)
            for place in newPlaces { places[place] = nil }
            return false
        }
        return true
    }

    private mutating func put(_ data: DNSRecord.Data) {
        switch data {
        case .address(let address): bytes += address.bytes
        case .name(let name): put(name)
        case .service(let priority, let weight, let port, let target):
            put(priority)
            put(weight)
            put(port)
            // Written out, as RFC 2782 has it; records after it point here.
            put(target, isCompressed: false)
        case .authority(let server, let mailbox, let serial, let minimum):
            put(server)
            put(mailbox)
            put(serial)
            // When secondaries would ask again, try again and give up: there are none.
            for time: UInt32 in [60, 60, 60] { put(time) }
            put(minimum)
        }
    }

    mutating func options(_ code: DNSCode) {
        bytes.append(0)
        put(DNSType.opt.rawValue)
        put(UInt16(DNSResponse.payload))
        bytes += [UInt8(code.rawValue >> 4), 0, 0, 0, 0, 0]
    }

    mutating func finish(isCut: Bool, _ counts: (answers: Int, authority: Int, additional: Int)) {
        if isCut { bytes[2] |= 0x02 }
        for (place, count) in [(6, counts.answers), (8, counts.authority), (10, counts.additional)] {
            (bytes[place], bytes[place + 1]) = (UInt8(count >> 8 & 0xFF), UInt8(count & 0xFF))
        }
    }

    /// The name is written next, in full.
    private mutating func note(_ name: DNSName) {
        var offset = bytes.count
        for index in name.labels.indices {
            let rest = name.labels[index...]
            if offset < 0x4000, places[rest] == nil { places[rest] = offset }
            offset += name.labels[index].count + 1
        }
    }

    private mutating func put(_ name: DNSName, isCompressed: Bool = true) {
        for index in name.labels.indices {
            let rest = name.labels[index...]
            if isCompressed, let place = places[rest] { return put(UInt16(0xC000 | place)) }
            if bytes.count < 0x4000, places[rest] == nil {
                places[rest] = bytes.count
                newPlaces.append(rest)
            }
            bytes.append(UInt8(name.labels[index].count))
            bytes += name.labels[index]
        }
        bytes.append(0)
    }

    private mutating func put(_ number: UInt16) { bytes += [UInt8(number >> 8), UInt8(number & 0xFF)] }
    private mutating func put(_ number: UInt32) {
        put(UInt16(number >> 16))
        put(UInt16(number & 0xFFFF))
    }
}
