/// A table as far as a copy of its rows has to know it.
public struct CopiedTable: Hashable, Sendable {
    public var name: String
    public var columns: [String]
    /// The columns of its primary key, in their order; none where it has none.
    public var key: [String]

    public init(name: String, columns: [String], key: [String]) {
        self.name = name
        self.columns = columns
        self.key = key
    }
}

extension Transaction {
    /// Takes over every row of `tables` from `source`, which has the same schema; what this database has in them goes. `tables` is in an
    /// order in which none refers to one that comes later. Holds a page of rows at a time. Returns how many rows there are.
    @discardableResult
    public borrowing func replaceRows(
        of tables: [CopiedTable], from source: borrowing Transaction
    ) throws -> Int {
        for table in tables.reversed() { try execute("DELETE FROM \(Self.quoted(table.name))") }
        var count = 0
        for table in tables { count += try copy(table, from: source) }
        return count
    }

    private borrowing func copy(_ table: CopiedTable, from source: borrowing Transaction) throws -> Int {
        let columns = table.columns.map(Self.quoted).joined(separator: ", ")
        let marks = table.columns.map { _ in "?" }.joined(separator: ", ")
        let insert = "INSERT INTO \(Self.quoted(table.name)) (\(columns)) VALUES (\(marks))"
        let places = table.key.compactMap(table.columns.firstIndex(of:))
        var count = 0
        var last: [DatabaseValue]?
        while true {
            let rows = try source.query(Self.page(table, columns, isFirst: last == nil), last ?? [])
            try executeBatch(insert, rows.map(\.values))
            count += rows.count
            guard !places.isEmpty, rows.count == Self.pageSize, let end = rows.last else { return count }
            last = places.map { end.values[$0] }
        }
    }

    /// Rows after the last one seen, in the order of the key: none is skipped and none comes twice, however many there are.
    private static func page(_ table: CopiedTable, _ columns: String, isFirst: Bool) -> String {
        let all = "SELECT \(columns) FROM \(quoted(table.name))"
        guard !table.key.isEmpty else { return all }
        let key = table.key.map(quoted).joined(separator: ", ")
        let marks = table.key.map { _ in "?" }.joined(separator: ", ")
        return all + (isFirst ? "" : " WHERE (\(key)) > (\(marks))") + " ORDER BY \(key) LIMIT \(pageSize)"
    }

    private static var pageSize: Int { 1000 }

    private static func quoted(_ name: String) -> String { "\"\(name)\"" }
}
