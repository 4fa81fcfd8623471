extension Duration {
    /// Whole microseconds, rounded towards zero.
    public var inMicroseconds: Int64 {
        Int64(attoseconds / 1_000_000_000_000)
    }

    /// Whole nanoseconds, rounded towards zero.
    public var inNanoseconds: Int64 {
        Int64(attoseconds / 1_000_000_000)
    }

    /// Seconds with their fraction, for figures people read.
    public var inSeconds: Double {
        Double(components.seconds) + Double(components.attoseconds) / 1e18
    }

    private static let units: [(suffix: String, nanoseconds: Double)] = [
        ("ns", 1), ("us", 1e3), ("ms", 1e6), ("s", 1e9), ("m", 60e9), ("h", 3600e9), ("d", 86400e9),
    ]

    /// Reads `90s`, `1.5h`, `2m30s`, `500ms`, or a bare number of seconds; nil for anything else, for negatives and
    /// for more than 100 years.
    public init?(parsing text: String) {
        var rest = Substring(text)
        var total = 0.0
        guard !rest.isEmpty else { return nil }
        while !rest.isEmpty {
            let digits = rest.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
            guard !digits.isEmpty, let number = Double(String(digits)) else { return nil }
            rest = rest.dropFirst(digits.count)
            let suffix = rest.prefix { $0.isASCII && $0.isLetter }
            rest = rest.dropFirst(suffix.count)
            if suffix.isEmpty {
                guard digits.count == text.count else { return nil }
                total += number * 1e9
            } else {
                guard let unit = Self.units.first(where: { $0.suffix == suffix }) else { return nil }
                total += number * unit.nanoseconds
            }
        }
        guard total < 100 * 366 * 86400e9 else { return nil }
        self = .nanoseconds(Int64(total))
    }

    /// A short form for tables: `850ms`, `12s`, `3m`, `5h`, `9d`.
    public var short: String {
        let seconds = inSeconds
        switch seconds {
        case ..<0.001: return "\(inMicroseconds)us"
        case ..<1: return "\(inMicroseconds / 1000)ms"
        case ..<120: return "\(Int64(seconds))s"
        case ..<7200: return "\(Int64(seconds) / 60)m"
        case ..<172_800: return "\(Int64(seconds) / 3600)h"
        default: return "\(Int64(seconds) / 86400)d"
        }
    }
}
