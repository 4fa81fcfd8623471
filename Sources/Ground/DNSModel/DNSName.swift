/// A domain name: labels from the left to the right, without the root's (RFC 1035, 2.3). Letters are small: names are compared
/// without regard to case.
public struct DNSName: Hashable, Sendable {
    /// With the bytes of the lengths and the root's (RFC 1035, 2.3.4).
    public static let maximumBytes = 255
    public static let maximumLabelBytes = 63
    public static let root = DNSName(unchecked: [])

    public let labels: [[UInt8]]

    private init(unchecked labels: [[UInt8]]) { self.labels = labels }

    /// Nil where a label is empty or too long, or the whole is.
    public init?(labels: [[UInt8]]) {
        guard labels.allSatisfy({ (1...Self.maximumLabelBytes).contains($0.count) }),
            labels.reduce(1, { $0 + $1.count + 1 }) <= Self.maximumBytes
        else { return nil }
        self.labels = labels.map { $0.map(Self.lowercase) }
    }

    /// Reads `web.apollo.internal`, with or without the dot of the root at its end.
    public init?(_ text: String) {
        var rest = text[...]
        if rest.hasSuffix(".") { rest = rest.dropLast() }
        if rest.isEmpty {
            guard text == "." else { return nil }
            self = .root
            return
        }
        self.init(labels: rest.split(separator: ".", omittingEmptySubsequences: false).map { Array($0.utf8) })
    }

    static func lowercase(_ byte: UInt8) -> UInt8 { (0x41...0x5A).contains(byte) ? byte | 0x20 : byte }

    /// As it travels, without compression.
    public var wireBytes: Int { labels.reduce(1) { $0 + $1.count + 1 } }

    /// The labels before `zone`; nil for a name that is not below it. None for the zone itself.
    public func labels(below zone: DNSName) -> [[UInt8]]? {
        guard labels.count >= zone.labels.count, labels.suffix(zone.labels.count).elementsEqual(zone.labels)
        else { return nil }
        return Array(labels.dropLast(zone.labels.count))
    }

    /// `labels` before this name; nil where that is too long.
    public func prefixed(by labels: String...) -> DNSName? {
        DNSName(labels: labels.map { Array($0.utf8) } + self.labels)
    }
}

extension DNSName: CustomStringConvertible {
    /// With what is not a visible character as `\DDD` (RFC 4343, 2.1).
    public var description: String {
        if labels.isEmpty { return "." }
        return labels.map { label in
            label.map { byte in
                switch byte {
                case 0x2E, 0x5C: "\\" + String(UnicodeScalar(byte))
                case 0x21...0x7E: String(UnicodeScalar(byte))
                default: "\\" + String(1000 + Int(byte)).dropFirst()
                }
            }.joined()
        }.joined(separator: ".")
    }
}
