import Core

/// Reads the RFC 3339 times at the start of log lines. Pure.
///
/// Most lines are of the same second as the one before: of these only the fraction is read, which is several times
/// quicker than to read the date.
struct LogTimeReader {
    /// `2006-01-02T15:04:05`, and what that second is.
    private var second: [UInt8] = []
    private var zone: [UInt8] = []
    private var start: Int64 = 0

    /// Nil for what is no time.
    mutating func read(_ text: ArraySlice<UInt8>) -> Timestamp? {
        guard text.count >= 20 else { return nil }
        let point = text.startIndex + 19
        var end = point
        var microseconds: Int64 = 0
        if text[point] == UInt8(ascii: ".") {
            end += 1
            var scale: Int64 = 100_000
            while end < text.endIndex, case let digit = text[end] &- 48, digit < 10 {
                microseconds += Int64(digit) * scale
                scale /= 10
                end += 1
            }
            guard end > point + 1 else { return nil }
        }
        if !text[..<point].elementsEqual(second) || !text[end...].elementsEqual(zone) {
            let whole = Array(text[..<point]) + text[end...]
            guard let time = Timestamp(parsing: String(decoding: whole, as: UTF8.self)) else { return nil }
            second = Array(text[..<point])
            zone = Array(text[end...])
            start = time.microseconds
        }
        return Timestamp(microseconds: start + microseconds)
    }
}
