/// An identifier of one kind of thing: 20 characters of Crockford's base 32 in lower case, 48 bits of time in
/// milliseconds and 52 of randomness, so that identifiers sort by age and meet once in 10^15 within a millisecond.
///
/// `Kind` is a phantom: `TaskID` and `NodeID` never mix.
public struct Identifier<Kind>: Hashable, Comparable, Sendable {
    /// The text, as people and the API see it.
    public let text: String

    /// Reads an identifier; nil unless it is 20 characters of the alphabet.
    public init?(parsing text: String) {
        guard text.utf8.count == 20 else { return nil }
        guard text.utf8.allSatisfy(Self.isDigit) else { return nil }
        self.text = text
    }

    /// Makes one of the time and the random bits given.
    public init(time: Timestamp, random: UInt64) {
        var high = UInt64(clamping: time.microseconds / 1000) & 0xFFFF_FFFF_FFFF
        var low = random & ((1 << 52) - 1)
        text = String(unsafeUninitializedCapacity: 20) { buffer in
            // 100 bits in 20 digits, from the last: 52 random bits fill ten digits and two bits of the eleventh.
            for index in stride(from: 19, through: 10, by: -1) {
                buffer[index] = alphabet[Int(low & 31)]
                low >>= 5
            }
            buffer[9] = alphabet[Int((high & 7) << 2 | low)]
            high >>= 3
            for index in stride(from: 8, through: 0, by: -1) {
                buffer[index] = alphabet[Int(high & 31)]
                high >>= 5
            }
            return 20
        }
    }

    /// Base 32 without the letters that look like another digit.
    private static func isDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): true
        case UInt8(ascii: "i"), UInt8(ascii: "l"), UInt8(ascii: "o"), UInt8(ascii: "u"): false
        case UInt8(ascii: "a")...UInt8(ascii: "z"): true
        default: false
        }
    }

    public static func < (a: Self, b: Self) -> Bool { a.text < b.text }
}

/// Outside the type, for a generic one holds no constants.
private let alphabet = Array("0123456789abcdefghjkmnpqrstvwxyz".utf8)

extension Identifier: CustomStringConvertible {
    public var description: String { text }
}

extension Identifier: Codable {
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let value = Self(parsing: text) else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "'\(text)' is not an identifier")
        }
        self = value
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }
}
