/// Whether bytes are UTF-8 (RFC 3629), found as they come: a text that cannot become valid is refused before its end.
struct UTF8Validation {
    /// How many bytes the sequence under way still needs.
    private var missing: UInt8 = 0
    /// What its next byte may be: the first continuation byte has bounds that exclude overlong forms and surrogates.
    private var lower: UInt8 = 0x80
    private var upper: UInt8 = 0xBF

    /// Whether no sequence is left open.
    var isComplete: Bool { missing == 0 }

    /// Takes `bytes` in; false where no text begins like this.
    mutating func accept(_ bytes: UnsafeRawBufferPointer) -> Bool {
        var at = 0
        while at < bytes.count {
            if missing == 0 {
                at = Self.endOfASCII(bytes, from: at)
                guard at < bytes.count else { return true }
                guard begin(bytes[at]) else { return false }
            } else {
                guard bytes[at] >= lower, bytes[at] <= upper else { return false }
                missing -= 1
                lower = 0x80
                upper = 0xBF
            }
            at += 1
        }
        return true
    }

    private mutating func begin(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x00...0x7F: return true
        case 0xC2...0xDF: missing = 1
        case 0xE0...0xEF:
            missing = 2
            if byte == 0xE0 { lower = 0xA0 }
            if byte == 0xED { upper = 0x9F }
        case 0xF0...0xF4:
            missing = 3
            if byte == 0xF0 { lower = 0x90 }
            if byte == 0xF4 { upper = 0x8F }
        default: return false
        }
        return true
    }

    private static func endOfASCII(_ bytes: UnsafeRawBufferPointer, from start: Int) -> Int {
        var at = start
        while at + 8 <= bytes.count,
            bytes.loadUnaligned(fromByteOffset: at, as: UInt64.self) & 0x8080_8080_8080_8080 == 0
        { at += 8 }
        while at < bytes.count, bytes[at] < 0x80 { at += 1 }
        return at
    }
}
