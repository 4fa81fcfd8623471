/// An identifier of one kind of thing: 20 characters of Crockford's base 32 in lower case, 48 bits of time in
/// milliseconds and 52 of randomness, so that identifiers sort by age and meet once in 10^15 within a millisecond.
///
/// `Kind` is a phantom: `TaskID` and `NodeID` never mix. Held as a number: copying, comparing and hashing one costs no more than that.
public struct Identifier<Kind>: Hashable, Comparable, Sendable {
    /// The first ten digits and the last ten, fifty bits each. They sort as the text does.
    @usableFromInline let high: UInt64
    @usableFromInline let low: UInt64

    /// Reads an identifier; nil unless it is 20 characters of the alphabet.
    public init?(parsing text: String) {
        guard text.utf8.count == 20 else { return nil }
        var (high, low): (UInt64, UInt64) = (0, 0)
        for (index, byte) in text.utf8.enumerated() {
            guard let digit = IdentifierDigits.value(of: byte) else { return nil }
            if index < 10 { high = high << 5 | digit } else { low = low << 5 | digit }
        }
        (self.high, self.low) = (high, low)
    }

    /// Makes one of the time and the random bits given.
    public init(time: Timestamp, random: UInt64) {
        let millis = UInt64(clamping: time.microseconds / 1000) & 0xFFFF_FFFF_FFFF
        high = millis << 2 | (random >> 50) & 3
        low = random & ((1 << 50) - 1)
    }

    /// The text, as people and the API see it.
    public var text: String {
        String(unsafeUninitializedCapacity: 20) { buffer in
            var (high, low) = (high, low)
            for index in stride(from: 9, through: 0, by: -1) {
                buffer[index] = IdentifierDigits.byte(of: high & 31)
                buffer[index + 10] = IdentifierDigits.byte(of: low & 31)
                high >>= 5
                low >>= 5
            }
            return 20
        }
    }

    @inlinable
    public static func == (a: Self, b: Self) -> Bool { a.low == b.low && a.high == b.high }

    @inlinable
    public static func < (a: Self, b: Self) -> Bool { a.high != b.high ? a.high < b.high : a.low < b.low }

    @inlinable
    public func hash(into hasher: inout Hasher) {
        hasher.combine(high)
        hasher.combine(low)
    }

    /// What dictionaries and sets of identifiers go by, in place of the standard library's hasher, which costs several times as much:
    /// an identifier's bits are random, or counted up, and ours, so that nobody can choose them to meet. Multiplied in full width and
    /// folded, so that the lowest bits, which tables look at, are made of all; by a number found by how it spreads them, which is tested.
    @inlinable
    public func _rawHashValue(seed: Int) -> Int {
        let bits = low ^ (high << 32 | high >> 32) ^ UInt64(truncatingIfNeeded: seed)
        let product = bits.multipliedFullWidth(by: 0xD6E8_FEB8_6659_FD93)
        return Int(truncatingIfNeeded: product.high ^ product.low)
    }
}

/// Base 32 without the letters that look like another digit: i, l, o, u.
private enum IdentifierDigits {
    private static let alphabet: StaticString = "0123456789abcdefghjkmnpqrstvwxyz"

    static func byte(of digit: UInt64) -> UInt8 { alphabet.utf8Start[Int(digit)] }

    static func value(of byte: UInt8) -> UInt64? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt64(byte - UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "h"): UInt64(byte - UInt8(ascii: "a") + 10)
        case UInt8(ascii: "j")...UInt8(ascii: "k"): UInt64(byte - UInt8(ascii: "j") + 18)
        case UInt8(ascii: "m")...UInt8(ascii: "n"): UInt64(byte - UInt8(ascii: "m") + 20)
        case UInt8(ascii: "p")...UInt8(ascii: "t"): UInt64(byte - UInt8(ascii: "p") + 22)
        case UInt8(ascii: "v")...UInt8(ascii: "z"): UInt64(byte - UInt8(ascii: "v") + 27)
        default: nil
        }
    }
}

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
