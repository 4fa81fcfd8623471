/// One row of a result.
public struct Row: Sendable {
    /// The names of the columns; one object for all rows of a result.
    public let columns: Columns
    /// The values, in the order of the columns.
    public let values: [DatabaseValue]

    public init(columns: Columns, values: [DatabaseValue]) {
        precondition(columns.names.count == values.count)
        self.columns = columns
        self.values = values
    }

    /// The value of `column`.
    ///
    /// - Throws: ``DatabaseError`` of kind `mismatch` if there is no such column, or what it holds is no `Value`.
    ///   Ask for an optional where the column may be null: `let name: String? = try row.get("name")`.
    public func get<Value: DatabaseConvertible>(
        _ column: String, as type: Value.Type = Value.self
    ) throws(DatabaseError) -> Value {
        guard let index = columns.index(of: column) else {
            throw DatabaseError(
                .mismatch,
                "the result has no column '\(column)', only \(columns.names.joined(separator: ", "))")
        }
        return try get(index)
    }

    /// The value of the column at `index`, counted from 0.
    public func get<Value: DatabaseConvertible>(
        _ index: Int, as type: Value.Type = Value.self
    ) throws(DatabaseError) -> Value {
        guard values.indices.contains(index) else {
            throw DatabaseError(
                .mismatch, "the result has no column \(index), only \(values.count) columns")
        }
        guard let value = Value(databaseValue: values[index]) else {
            throw DatabaseError(
                .mismatch,
                "column '\(columns.names[index])' holds \(values[index].kind), which cannot be read as \(Value.self)"
            )
        }
        return value
    }
}

/// The names of a result's columns.
public final class Columns: Sendable {
    public let names: [String]

    public init(_ names: [String]) { self.names = names }

    /// Where `name` stands. Linear: results have few columns, and comparing short names beats hashing them.
    public func index(of name: String) -> Int? { names.firstIndex(of: name) }
}
