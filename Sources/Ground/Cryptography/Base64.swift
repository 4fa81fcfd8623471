/// Base 64 with its first alphabet and padding (RFC 4648, section 4), where a protocol has it so. For the rest: ``Base64URL``.
public enum Base64 {
    public static func encode(_ bytes: [UInt8]) -> String {
        var text = swapped(Base64URL.encode(bytes), "-", "+", "_", "/")
        while text.utf8.count % 4 != 0 { text += "=" }
        return text
    }

    /// Reads what ``encode(_:)`` writes, and nothing else.
    public static func decode(_ text: String) -> [UInt8]? {
        guard text.utf8.count % 4 == 0, !text.utf8.contains(where: { $0 == 0x2D || $0 == 0x5F }) else {
            return nil
        }
        let padding = text.utf8.suffix(2).reversed().prefix { $0 == 0x3D }.count
        let digits = String(decoding: text.utf8.dropLast(padding), as: UTF8.self)
        return Base64URL.decode(swapped(digits, "+", "-", "/", "_"))
    }

    private static func swapped(
        _ text: String, _ a: Unicode.Scalar, _ b: Unicode.Scalar, _ c: Unicode.Scalar, _ d: Unicode.Scalar
    ) -> String {
        let bytes = text.utf8.map { byte in
            byte == UInt8(ascii: a) ? UInt8(ascii: b) : byte == UInt8(ascii: c) ? UInt8(ascii: d) : byte
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
