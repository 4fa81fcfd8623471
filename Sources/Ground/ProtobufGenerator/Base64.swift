/// RFC 4648, section 4.
enum Base64 {
    private static let alphabet = Array(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    /// In lines of `width` characters, a multiple of four, without padding.
    static func lines(_ bytes: [UInt8], width: Int) -> [String] {
        var lines: [String] = []
        for start in stride(from: 0, to: bytes.count, by: width / 4 * 3) {
            lines.append(line(bytes[start..<min(start + width / 4 * 3, bytes.count)]))
        }
        return lines
    }

    private static func line(_ bytes: ArraySlice<UInt8>) -> String {
        var characters: [UInt8] = []
        var (bits, width): (UInt32, UInt32) = (0, 0)
        for byte in bytes {
            bits = bits << 8 | UInt32(byte)
            width += 8
            while width >= 6 {
                width -= 6
                characters.append(alphabet[Int(bits >> width & 63)])
            }
            bits &= (1 << width) - 1
        }
        if width > 0 { characters.append(alphabet[Int(bits << (6 - width) & 63)]) }
        return String(decoding: characters, as: UTF8.self)
    }
}
