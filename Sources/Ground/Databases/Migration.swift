/// One step of a schema. Once released it never changes: the next change is the next migration.
public struct Migration: Sendable {
    /// 1, 2, 3, … within its component.
    public let version: Int
    /// What it does, in a few words.
    public let name: String
    /// The statements, one each, run in one transaction.
    public let statements: [String]

    public init(_ version: Int, _ name: String, _ statements: [String]) {
        self.version = version
        self.name = name
        self.statements = statements
    }

    /// Tells whether the statements are still those that were applied: FNV-1a (64 bits) over them. It guards against
    /// slips, not against malice.
    public var checksum: String {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for statement in statements {
            for byte in statement.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
            hash = (hash ^ 0xff) &* 0x100_0000_01b3  // no UTF-8 has this byte: it ends the statement
        }
        let digits = String(hash, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
