import Databases

extension Clause {
    static let statements: [Clause] = [
        Clause("execute counts the rows it changed") { database in
            let counts = try await database.write { transaction in
                [
                    try transaction.execute("CREATE TABLE things (id BIGINT PRIMARY KEY, n BIGINT)"),
                    try transaction.executeBatch(
                        "INSERT INTO things VALUES (?, ?)", (0..<10).map { [.integer($0), 0] }),
                    try transaction.execute("UPDATE things SET n = 1 WHERE id < ?", [3]),
                    try transaction.execute("UPDATE things SET n = 1 WHERE id > ?", [99]),
                    try transaction.execute("CREATE INDEX things_n ON things (n)"),
                    try transaction.execute("DELETE FROM things WHERE n = ?", [1]),
                    try transaction.executeBatch("DELETE FROM things WHERE id = ?", []),
                ]
            }
            try expectEqual(counts, [0, 10, 3, 0, 0, 3, 0])
        },
        Clause("an upsert inserts or updates, and returns the row") { database in
            let values = try await database.write { transaction in
                try transaction.execute("CREATE TABLE things (id TEXT PRIMARY KEY, n BIGINT NOT NULL)")
                var values: [[DatabaseValue]] = []
                for n in 1...2 {
                    let rows = try transaction.query(
                        """
                        INSERT INTO things (id, n) VALUES (?, ?)
                        ON CONFLICT (id) DO UPDATE SET n = things.n + excluded.n RETURNING id, n
                        """, ["a", .init(n * 10)])
                    values += rows.map(\.values)
                }
                return values
            }
            try expectEqual(values, [["a", 10], ["a", 30]])
        },
        Clause("each kind of constraint is told apart") { database in
            try await database.write { transaction in
                try transaction.execute(
                    """
                    CREATE TABLE parents (id BIGINT PRIMARY KEY, name TEXT NOT NULL UNIQUE, \
                    size BIGINT CHECK (size > 0))
                    """)
                try transaction.execute(
                    "CREATE TABLE children (id BIGINT PRIMARY KEY, parent BIGINT REFERENCES parents (id))")
                try transaction.execute("INSERT INTO parents VALUES (1, ?, 1)", ["one"])
            }
            let attempts: [(String, DatabaseError.Constraint)] = [
                ("INSERT INTO parents VALUES (1, 'two', 1)", .unique),
                ("INSERT INTO parents VALUES (2, 'one', 1)", .unique),
                ("INSERT INTO parents VALUES (2, NULL, 1)", .notNull),
                ("INSERT INTO parents VALUES (2, 'two', 0)", .check),
                ("INSERT INTO children VALUES (1, 7)", .foreignKey),
            ]
            for (sql, constraint) in attempts {
                let kind = try await failure { try await database.write { try $0.execute(sql) } }
                try expectEqual(kind, .constraint(constraint))
            }
            let kind = try await failure {
                try await database.write { transaction in
                    try transaction.execute("INSERT INTO children VALUES (1, 1)")
                    try transaction.execute("DELETE FROM parents WHERE id = 1")
                }
            }
            try expectEqual(kind, .constraint(.foreignKey))
        },
        Clause("faulty statements are refused, whatever is wrong with them") { database in
            let statements = [
                "", "SELECT", "SELECT 1; SELECT 2", "SELECT * FROM nothing", "SELECT ?", "BEGIN", "COMMIT",
                "PRAGMA user_version", "SELECT 'open", "CREATE TABLE t (id INTEGER)",
                "SELECT \"no_such_column\" FROM (SELECT 1 AS one) AS t", "SAVEPOINT write",
            ]
            for sql in statements {
                let kind = try await failure { try await database.write { try $0.query(sql) } }
                try expectEqual(kind, .statement)
            }
            let one = try await database.read { try $0.first("SELECT 1 AS one;")?.values }
            try expectEqual(one, [1])
        },
        Clause("a read cannot change anything") { database in
            try await database.write { try $0.execute("CREATE TABLE things (id BIGINT)") }
            let kind = try await failure {
                try await database.read { try $0.execute("INSERT INTO things VALUES (1)") }
            }
            try expectEqual(kind, .statement)
            let count = try await database.read { try $0.query("SELECT id FROM things").count }
            try expectEqual(count, 0)
        },
        Clause("a loop over rows may run the same statement again, and stop early") { database in
            let seen = try await database.write { transaction in
                try transaction.execute("CREATE TABLE things (id BIGINT)")
                try transaction.executeBatch(
                    "INSERT INTO things VALUES (?)", (0..<5).map { [.integer($0)] })
                var seen: [Int] = []
                let sql = "SELECT id FROM things WHERE id >= ? ORDER BY id"
                try transaction.forEachRow(sql, [2]) { row in
                    let id: Int = try row.get("id")
                    seen.append(id)
                    seen.append(try transaction.query(sql, [.init(id)]).count)
                }
                seen.append(try transaction.first(sql, [0])?.get("id") ?? -1)
                return seen
            }
            try expectEqual(seen, [2, 3, 3, 2, 4, 1, 0])
        },
    ]
}
