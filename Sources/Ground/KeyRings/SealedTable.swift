public import Databases

/// A table with sealed rows: columns `key_id`, which references `sealing_keys (id)`, and `sealed`.
///
/// The reference keeps a key as long as a row needs it, whoever writes at the same time.
public struct SealedTable: Sendable {
    public let name: String
    /// The columns that name a row, in the order of its context.
    public let keys: [String]
    /// What a row belongs to, by the values of `keys`.
    public let context: @Sendable ([DatabaseValue]) -> SealingContext

    public init(
        _ name: String, keys: [String], context: @escaping @Sendable ([DatabaseValue]) -> SealingContext
    ) {
        self.name = name
        self.keys = keys
        self.context = context
    }

    /// Seals up to `count` rows anew that are under another key than the ring's newest; how many there were.
    func reseal(
        _ count: Int, _ transaction: borrowing Transaction, with keys: KeyRing.Keys
    ) throws -> Int {
        let columns = self.keys.joined(separator: ", ")
        let rows = try transaction.query(
            "SELECT \(columns), key_id, sealed FROM \(name) WHERE key_id <> ? LIMIT \(count)",
            [DatabaseValue(keys.newest)])
        let place = self.keys.map { "\($0) = ?" }.joined(separator: " AND ")
        for row in rows {
            let values = Array(row.values.prefix(self.keys.count))
            let context = context(values)
            let opened = try keys.open(
                Sealed(key: try row.get("key_id"), bytes: try row.get("sealed")), context)
            let sealed = try keys.seal(opened, context)
            try transaction.execute(
                "UPDATE \(name) SET key_id = ?, sealed = ? WHERE \(place)",
                [DatabaseValue(sealed.key), .blob(sealed.bytes)] + values)
        }
        return rows.count
    }
}
