public import Core

/// Times as Signature V4 writes them: `20130524T000000Z`.
public enum SigningTime {
    public static func text(_ time: Timestamp) -> String {
        // `2013-05-24T00:00:00.000Z` without what is between the digits.
        let digits = time.description.utf8.filter { (48...57).contains($0) }.prefix(14)
        return String(decoding: digits.prefix(8), as: UTF8.self) + "T"
            + String(decoding: digits.dropFirst(8), as: UTF8.self) + "Z"
    }

    /// Reads what ``text(_:)`` writes; nil for anything else.
    public static func parse(_ text: String) -> Timestamp? {
        let bytes = Array(text.utf8)
        guard bytes.count == 16, bytes[8] == UInt8(ascii: "T"), bytes[15] == UInt8(ascii: "Z") else {
            return nil
        }
        let part = { (from: Int, count: Int) in String(decoding: bytes[from..<from + count], as: UTF8.self) }
        return Timestamp(
            parsing: "\(part(0, 4))-\(part(4, 2))-\(part(6, 2))T\(part(9, 2)):\(part(11, 2)):\(part(13, 2))Z")
    }
}
