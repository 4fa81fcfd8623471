import Calendars

/// A file of a time zone as zic writes it (RFC 8536), of version 2.
struct ZoneFile {
    var changes: [(at: Int64, kind: UInt8)] = []
    var offsets: [Int32] = [0]
    var footer = ""
    var version = UInt8(ascii: "2")
    var leaps: UInt32 = 0

    var bytes: [UInt8] {
        func word(_ value: UInt32) -> [UInt8] {
            (0..<4).map { UInt8(truncatingIfNeeded: value >> (24 - 8 * $0)) }
        }
        func long(_ value: Int64) -> [UInt8] {
            (0..<8).map { UInt8(truncatingIfNeeded: value >> (56 - 8 * Int64($0))) }
        }
        func header(times: Int, types: Int, leaps: UInt32) -> [UInt8] {
            Array("TZif".utf8) + [version] + [UInt8](repeating: 0, count: 15) + word(0) + word(0)
                + word(leaps)
                + word(UInt32(times)) + word(UInt32(types)) + word(4)
        }
        var bytes = header(times: 0, types: 1, leaps: 0) + word(0) + [0, 0] + Array("AAA\0".utf8)
        bytes += header(times: changes.count, types: offsets.count, leaps: leaps)
        for change in changes { bytes += long(change.at) }
        for change in changes { bytes.append(change.kind) }
        for offset in offsets { bytes += word(UInt32(bitPattern: offset)) + [0, 0] }
        bytes += Array("AAA\0".utf8)
        return bytes + Array("\n\(footer)\n".utf8)
    }

    func rules() throws -> TimeZoneRules { try TimeZoneRules(file: bytes) }

    /// A zone with nothing but a rule.
    static func rules(_ footer: String) throws -> TimeZoneRules { try ZoneFile(footer: footer).rules() }

    /// Central Europe: an hour ahead, two in summer, from the last Sunday of March to that of October.
    static var europe: TimeZoneRules { get throws { try rules("CET-1CEST,M3.5.0,M10.5.0/3") } }
}
