// The files of the time zone database (RFC 8536, TZif): what tzdata installs under /usr/share/zoneinfo.
extension TimeZoneRules {
    /// What is wrong with a file of a time zone.
    public struct FileFault: Error, Hashable, Sendable, CustomStringConvertible {
        public var description: String
    }

    /// The largest of them have 3.5 KiB.
    public static let maximumFileSize = 65_536

    /// Reads a file of version 2 or later.
    public init(file bytes: [UInt8]) throws(FileFault) {
        guard bytes.count <= Self.maximumFileSize else {
            throw FileFault(description: "has more than \(Self.maximumFileSize) bytes")
        }
        var reader = Reader(bytes: bytes)
        let old = try reader.header()
        guard old.version >= UInt8(ascii: "2") else {
            throw FileFault(description: "is of version 1, which ends in 2038")
        }
        // The first part is for readers of version 1: its times have 4 bytes.
        try reader.skip(old.size(timeSize: 4))
        let header = try reader.header()
        guard header.leaps == 0 else { throw FileFault(description: "counts leap seconds") }
        guard header.types > 0 else { throw FileFault(description: "has no offset") }
        var times: [Int64] = []
        for _ in 0..<header.times { times.append(try reader.integer(8)) }
        guard zip(times, times.dropFirst()).allSatisfy({ $0 < $1 }) else {
            throw FileFault(description: "has changes that are not in order")
        }
        // The beginning of the world, for some files, and far from where sums overflow.
        guard times.allSatisfy({ $0.magnitude <= 1 << 60 }) else {
            throw FileFault(description: "has changes at impossible times")
        }
        var kinds: [Int] = []
        for _ in 0..<header.times { kinds.append(Int(try reader.byte())) }
        var offsets: [Int64] = []
        for _ in 0..<header.types {
            let offset = try reader.integer(4)
            guard abs(offset) <= Self.maximumOffset else {
                throw FileFault(description: "has an offset of \(offset) s")
            }
            offsets.append(offset)
            try reader.skip(2)
        }
        guard kinds.allSatisfy({ $0 < offsets.count }) else {
            throw FileFault(description: "names an offset that it does not have")
        }
        try reader.skip(header.characters + header.standards + header.universals)
        let footer = try reader.footer()
        self.init(
            first: offsets[0],
            changes: zip(times, kinds).map { Change(at: $0, offset: offsets[$1]) },
            rule: footer.isEmpty ? nil : try PosixZone(parsing: footer))
    }

    private struct Header {
        var version: UInt8
        var universals, standards, leaps, times, types, characters: Int

        func size(timeSize: Int) -> Int {
            times * (timeSize + 1) + types * 6 + characters + leaps * (timeSize + 4) + standards + universals
        }
    }

    private struct Reader {
        let bytes: [UInt8]
        var position = 0

        mutating func byte() throws(FileFault) -> UInt8 {
            guard position < bytes.count else { throw FileFault(description: "ends too early") }
            defer { position += 1 }
            return bytes[position]
        }

        mutating func skip(_ count: Int) throws(FileFault) {
            guard count <= bytes.count - position else { throw FileFault(description: "ends too early") }
            position += count
        }

        /// A signed number of `width` bytes, 4 or 8, the highest first.
        mutating func integer(_ width: Int) throws(FileFault) -> Int64 {
            var value: UInt64 = 0
            for _ in 0..<width { value = value << 8 | UInt64(try byte()) }
            return width == 4
                ? Int64(Int32(bitPattern: UInt32(truncatingIfNeeded: value))) : Int64(bitPattern: value)
        }

        /// A number of entries: there cannot be more than the file has bytes.
        mutating func count() throws(FileFault) -> Int {
            let count = try integer(4)
            guard count >= 0, count <= bytes.count else {
                throw FileFault(description: "counts more entries than it has bytes")
            }
            return Int(count)
        }

        mutating func header() throws(FileFault) -> Header {
            for expected in "TZif".utf8 where try byte() != expected {
                throw FileFault(description: "is no file of a time zone")
            }
            let version = try byte()
            try skip(15)
            return Header(
                version: version, universals: try count(), standards: try count(), leaps: try count(),
                times: try count(), types: try count(), characters: try count())
        }

        /// The rule for all later times, between two line feeds.
        mutating func footer() throws(FileFault) -> [UInt8] {
            guard try byte() == UInt8(ascii: "\n") else {
                throw FileFault(description: "has no rule after its last change")
            }
            var text: [UInt8] = []
            while true {
                let next = try byte()
                if next == UInt8(ascii: "\n") { return text }
                text.append(next)
            }
        }
    }
}
