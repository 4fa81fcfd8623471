/// The bytes that HTTP gives a meaning, and the classes its grammar puts bytes into.
enum Octet {
    static let tab: UInt8 = 0x09
    static let lineFeed: UInt8 = 0x0A
    static let carriageReturn: UInt8 = 0x0D
    static let space: UInt8 = 0x20
    static let colon: UInt8 = 0x3A
    static let semicolon: UInt8 = 0x3B

    // Sets of ASCII as two words of bits, for 0-63 and 64-127: a table in an array costs a check and a load.

    /// `tchar` of RFC 9110, section 5.6.2.
    @inline(__always)
    static func isToken(_ byte: UInt8) -> Bool {
        // !#$%&'*+-. and digits; A-Z ^_` a-z |~
        contains(byte, low: 0x03FF_6CFA_0000_0000, high: 0x57FF_FFFF_C7FF_FFFE)
    }

    /// What a request target may hold: the characters of RFC 3986 without `#`.
    @inline(__always)
    static func isTarget(_ byte: UInt8) -> Bool {
        // !$%&'()*+,-./ digits :;=? and @ A-Z [] _ a-z ~
        contains(byte, low: 0xAFFF_FFF2_0000_0000, high: 0x47FF_FFFE_AFFF_FFFF)
    }

    /// What a field value may hold: anything but control characters, of which only the tab is allowed
    /// (RFC 9110, section 5.5).
    @inline(__always)
    static func isValue(_ byte: UInt8) -> Bool { byte >= 0x20 && byte != 0x7F || byte == tab }

    @inline(__always)
    static func isDigit(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 }

    @inline(__always)
    static func lowered(_ byte: UInt8) -> UInt8 { byte &- 0x41 < 26 ? byte | 0x20 : byte }

    /// The value of a hexadecimal digit.
    @inline(__always)
    static func hexadecimal(_ byte: UInt8) -> UInt8? {
        if isDigit(byte) { return byte &- 0x30 }
        let letter = lowered(byte) &- 0x61
        return letter < 6 ? letter + 10 : nil
    }

    @inline(__always)
    private static func contains(_ byte: UInt8, low: UInt64, high: UInt64) -> Bool {
        byte < 128 && (byte < 64 ? low : high) >> UInt64(byte & 63) & 1 == 1
    }

    /// A byte as an error shows it.
    static func name(_ byte: UInt8) -> String {
        switch byte {
        case carriageReturn: "a bare CR"
        case lineFeed: "a bare LF"
        case tab: "a tab"
        case space: "a space"
        case 0x21...0x7E: "'\(Character(Unicode.Scalar(byte)))'"
        default: "the byte 0x\(String(byte, radix: 16))"
        }
    }
}
