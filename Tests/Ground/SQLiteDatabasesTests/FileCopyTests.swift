import Concurrency
import Core
import Databases
import SQLiteDatabases
import Testing

@Suite(.temporaryDirectory, .timeLimit(.minutes(1))) struct FileCopyTests {
    private static let schema = [
        "CREATE TABLE keys (id TEXT NOT NULL PRIMARY KEY)",
        """
        CREATE TABLE "values" (
            key_id TEXT NOT NULL REFERENCES keys (id), place BIGINT NOT NULL, body BYTEA, size DOUBLE PRECISION,
            PRIMARY KEY (place, key_id))
        """,
        "CREATE TABLE loose (word TEXT NOT NULL)",
    ]

    private func make(_ path: String) async throws -> SQLiteFile {
        let database = try await SQLiteDatabase.open(path, environment: .live)
        try await database.write { transaction in
            for statement in Self.schema { try transaction.execute(statement) }
        }
        await database.close()
        return SQLiteFile(path, wallClock: Environment.live.wallClock)
    }

    @Test func `tables are told in the order in which they were made, with their keys`() async throws {
        let file = try await make(TemporaryDirectory.current.path + "/a.db")
        #expect(
            try file.tables() == [
                CopiedTable(name: "keys", columns: ["id"], key: ["id"]),
                CopiedTable(
                    name: "values", columns: ["key_id", "place", "body", "size"], key: ["place", "key_id"]),
                CopiedTable(name: "loose", columns: ["word"], key: []),
            ])
    }

    @Test func `rows of any number and kind are taken over, and take the place of what was there`()
        async throws
    {
        let source = try await make(TemporaryDirectory.current.path + "/a.db")
        let target = try await make(TemporaryDirectory.current.path + "/b.db")
        try source.write { transaction in
            for key in ["a", "ä", "Z"] {
                try transaction.execute("INSERT INTO keys VALUES (?)", [.text(key)])
            }
            // More than two pages of rows, whose key has two columns.
            for place in 0..<900 {
                let bodies: [(String, DatabaseValue)] = [
                    ("a", .null), ("ä", .blob([0, UInt8(place & 255)])), ("Z", .blob([])),
                ]
                for (key, body) in bodies {
                    try transaction.execute(
                        "INSERT INTO \"values\" VALUES (?, ?, ?, ?)",
                        [.text(key), .integer(Int64(place)), body, .real(Double(place) / 7)])
                }
            }
            for word in ["", "one", "one"] {
                try transaction.execute("INSERT INTO loose VALUES (?)", [.text(word)])
            }
        }
        try target.write { transaction in
            try transaction.execute("INSERT INTO keys VALUES ('old')")
            try transaction.execute("INSERT INTO \"values\" VALUES ('old', 1, NULL, NULL)")
        }
        let tables = try target.tables()
        try target.write { copy in
            try source.read { try copy.replaceRows(of: tables, from: $0) }
        }
        for table in tables {
            let order = table.key.isEmpty ? table.columns : table.key
            let all = "SELECT * FROM \"\(table.name)\" ORDER BY \(order.joined(separator: ", "))"
            var rows: [[[DatabaseValue]]] = []
            for file in [source, target] {
                try file.read { rows.append(try $0.query(all).map(\.values)) }
            }
            #expect(rows[0] == rows[1] && !rows[0].isEmpty, "\(table.name)")
        }
    }

    @Test func `what fails in the middle changes nothing`() async throws {
        let file = try await make(TemporaryDirectory.current.path + "/a.db")
        struct Fault: Error {}
        #expect(throws: Fault.self) {
            try file.write { transaction in
                try transaction.execute("INSERT INTO keys VALUES ('a')")
                throw Fault()
            }
        }
        try file.read { transaction in
            let rows = try transaction.query("SELECT id FROM keys")
            #expect(rows.isEmpty)
        }
    }
}
