public import Documents

/// What a rotation of the key that seals secrets did.
public struct KeyRotationReport: Hashable, Sendable, Codable {
    /// The key that seals from now on.
    public var key: String
    /// Rows that were sealed anew.
    public var rows: Int
    /// Old keys that are gone.
    public var removed: Int

    public init(key: String, rows: Int, removed: Int) {
        self.key = key
        self.rows = rows
        self.removed = removed
    }
}

extension KeyRotationReport: SchemaProviding {
    public static var schema: Schema {
        .object(
            "What a rotation of the key that seals secrets did.",
            [
                .required("key", .string(.identifier), "The key that seals from now on."),
                .required("rows", .integer(0...), "Rows that were sealed anew."),
                .required("removed", .integer(0...), "Old keys that are gone."),
            ])
    }
}
