/// A number of bytes.
public struct ByteCount: Hashable, Comparable, Sendable {
    public var bytes: Int64

    public init(_ bytes: Int64) { self.bytes = bytes }

    public static func kibibytes(_ n: Int64) -> ByteCount { ByteCount(n << 10) }
    public static func mebibytes(_ n: Int64) -> ByteCount { ByteCount(n << 20) }
    public static func gibibytes(_ n: Int64) -> ByteCount { ByteCount(n << 30) }

    public static func < (a: ByteCount, b: ByteCount) -> Bool { a.bytes < b.bytes }

    /// Units as Kubernetes and the IEC write them; `K`, `M`, `G`, `T` alone are powers of 1000.
    private static let units: [(suffix: String, factor: Int64)] = [
        ("Ki", 1 << 10), ("Mi", 1 << 20), ("Gi", 1 << 30), ("Ti", 1 << 40), ("KiB", 1 << 10),
        ("MiB", 1 << 20),
        ("GiB", 1 << 30), ("TiB", 1 << 40), ("k", 1000), ("K", 1000), ("M", 1_000_000), ("G", 1_000_000_000),
        ("T", 1_000_000_000_000), ("KB", 1000), ("MB", 1_000_000), ("GB", 1_000_000_000),
        ("TB", 1_000_000_000_000), ("B", 1),
    ]

    /// Reads `512`, `64Mi`, `1.5GiB`, `200M`; nil for anything else, for negatives and for overflow.
    public init?(parsing text: String) {
        let digits = text.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
        let suffix = text.dropFirst(digits.count)
        guard !digits.isEmpty, digits.count <= 24 else { return nil }
        var factor: Int64 = 1
        if !suffix.isEmpty {
            guard let unit = Self.units.first(where: { $0.suffix == suffix }) else { return nil }
            factor = unit.factor
        }
        if let whole = Int64(digits) {
            let (product, overflow) = whole.multipliedReportingOverflow(by: factor)
            guard !overflow else { return nil }
            self.init(product)
        } else {
            guard let number = Double(String(digits)), number >= 0 else { return nil }
            let product = (number * Double(factor)).rounded()
            guard product < 9.2e18 else { return nil }
            self.init(Int64(product))
        }
    }
}

extension ByteCount: CustomStringConvertible {
    /// The shortest exact or one-decimal form: `512`, `64Mi`, `1.5Gi`.
    public var description: String {
        for (suffix, shift) in [("Ti", 40), ("Gi", 30), ("Mi", 20), ("Ki", 10)] {
            let unit = Int64(1) << shift
            guard bytes >= unit || bytes <= -unit else { continue }
            if bytes % unit == 0 { return "\(bytes / unit)\(suffix)" }
            let tenths = (Double(bytes) / Double(unit) * 10).rounded() / 10
            return "\(tenths)\(suffix)"
        }
        return "\(bytes)"
    }
}

extension ByteCount: Codable {
    /// In JSON a number of bytes, so that every client can read it.
    public init(from decoder: any Decoder) throws {
        self.init(try decoder.singleValueContainer().decode(Int64.self))
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(bytes)
    }
}
