public import Core
public import Databases

/// A database file that no program has open, used on the caller's own thread: what backups are, whatever database they are of.
public struct SQLiteFile: Sendable {
    public let path: String
    private let wallClock: any WallClock

    public init(_ path: String, wallClock: any WallClock) {
        self.path = path
        self.wallClock = wallClock
    }

    /// The tables, in the order in which they were made: none refers to one that comes later.
    public func tables() throws(DatabaseError) -> [CopiedTable] {
        let handle = try ConnectionHandle.reader(path: path)
        let names = try Self.rows(
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%' ORDER BY rowid",
            [],
            handle)
        var tables: [CopiedTable] = []
        for row in names {
            let name: String = try row.get(0)
            let columns = try Self.rows("SELECT name, pk FROM pragma_table_info(?)", [.text(name)], handle)
            var key: [(Int64, String)] = []
            for column in columns {
                let place: Int64 = try column.get(1)
                if place > 0 { key.append((place, try column.get(0))) }
            }
            var table = CopiedTable(name: name, columns: [], key: key.sorted { $0.0 < $1.0 }.map(\.1))
            for column in columns { table.columns.append(try column.get(0)) }
            tables.append(table)
        }
        return tables
    }

    private static func rows(
        _ sql: String, _ parameters: [DatabaseValue], _ handle: borrowing ConnectionHandle
    ) throws(DatabaseError) -> [Row] {
        let statement = try Statement(sql, on: handle)
        let columns = statement.columns()
        try statement.bind(parameters, on: handle)
        var rows: [Row] = []
        while try statement.step(on: handle) { rows.append(statement.row(columns)) }
        return rows
    }

    /// Runs `body` on what is in the file.
    public func read(_ body: (borrowing Transaction) throws -> Void) throws {
        let connection = Connection(try .reader(path: path), wallClock: wallClock)
        try connection.control(.begin)
        try body(Transaction(engine: connection))
        try connection.control(.rollback)
    }

    /// Runs `body` as one transaction. Afterwards all is in the one file.
    public func write(_ body: (borrowing Transaction) throws -> Void) throws {
        let connection = Connection(try .writer(path: path, maximumSize: nil), wallClock: wallClock)
        try connection.control(.beginWriting)
        do {
            try body(Transaction(engine: connection))
            if let failure = connection.failure { throw failure }
            try connection.control(.commit)
        } catch {
            // One that cannot be rolled back goes with the connection.
            if !connection.handle.isIdle { try? connection.control(.rollback) }
            throw error
        }
        try connection.handle.run("PRAGMA wal_checkpoint(TRUNCATE)")
    }
}
