import Core

/// Reads `Retry-After` (RFC 9110, section 10.2.3): seconds, or an HTTP date.
enum RetryAfter {
    /// The time to wait from `now`; nil for what is neither form.
    static func parse(_ text: String, now: Timestamp) -> Duration? {
        let text = text.trimmingBlanks
        if let seconds = Int64(text), seconds >= 0, seconds <= 100 * 366 * 86400 { return .seconds(seconds) }
        guard let date = date(text) else { return nil }
        return max(.zero, now.duration(to: date))
    }

    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// An IMF-fixdate, `Sun, 06 Nov 1994 08:49:37 GMT`, the only form that may be sent (RFC 9110, section 5.6.7).
    private static func date(_ text: Substring) -> Timestamp? {
        let words = text.split(separator: " ")
        guard words.count == 6, words[5] == "GMT", words[1].count == 2, words[3].count == 4,
            let month = months.firstIndex(of: String(words[2]))
        else { return nil }
        let number = month < 9 ? "0\(month + 1)" : "\(month + 1)"
        return Timestamp(parsing: "\(words[3])-\(number)-\(words[1])T\(words[4])Z")
    }
}

extension StringProtocol where SubSequence == Substring {
    /// Without spaces and tabs at either end.
    var trimmingBlanks: Substring {
        var rest = self[...]
        while let first = rest.first, first == " " || first == "\t" { rest.removeFirst() }
        while let last = rest.last, last == " " || last == "\t" { rest.removeLast() }
        return rest
    }
}
