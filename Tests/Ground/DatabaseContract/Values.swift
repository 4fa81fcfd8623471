import Core
import Databases

extension Clause {
    static let values: [Clause] = [
        Clause("values come back as they were stored") { database in
            let stored: [[DatabaseValue]] = [
                [1, .integer(.max), 1.5, "grün 🌱", .blob([0, 255, 10])],
                [2, .integer(.min), .real(-.infinity), "", .blob([])],
                [
                    3, 0, .real(.leastNonzeroMagnitude), "quote ' and \" and ?",
                    .blob(Array(repeating: 7, count: 100_000)),
                ],
                [4, .null, .null, .null, .null],
                [5, 7, 3.0, .text(String(repeating: "long ", count: 50_000)), .blob([1])],
                // Text that looks like a number must not become one.
                [6, 8, 0.0, "007", .blob(Array("12".utf8))],
            ]
            try await database.write { transaction in
                try transaction.execute(
                    "CREATE TABLE things (id BIGINT PRIMARY KEY, n BIGINT, r DOUBLE PRECISION, t TEXT, b BYTEA)"
                )
                try transaction.executeBatch("INSERT INTO things VALUES (?, ?, ?, ?, ?)", stored)
            }
            let found = try await database.read { transaction in
                try transaction.query("SELECT id, n, r, t, b FROM things ORDER BY id").map(\.values)
            }
            try expectEqual(found, stored)
        },
        Clause("columns are read by name and by place, with the type asked for") { database in
            let time = Timestamp(microseconds: 1_700_000_000_000_001)
            let row = try await database.write { transaction in
                try transaction.execute(
                    "CREATE TABLE things (name TEXT, size BIGINT, seen BIGINT, live BIGINT, note TEXT)")
                try transaction.execute(
                    "INSERT INTO things VALUES (?, ?, ?, ?, ?)",
                    ["disk", .init(ByteCount.gibibytes(3)), .init(time), .init(true), nil])
                return try transaction.first("SELECT name, size, seen, live, note FROM things")
            }
            guard let row else { throw ContractViolation(description: "no row") }
            try expectEqual(try row.get("name"), "disk")
            try expectEqual(try row.get(0), "disk")
            try expectEqual(try row.get("size"), ByteCount.gibibytes(3))
            try expectEqual(try row.get("seen"), time)
            try expectEqual(try row.get("live"), true)
            try expectEqual(try row.get("note", as: String?.self), nil)
            try expectEqual(try row.get("name", as: String?.self), "disk")
        },
        Clause("a wrong column or type is a mismatch, not a crash") { database in
            let row = try await database.write { transaction in
                try transaction.execute("CREATE TABLE things (name TEXT, note TEXT)")
                try transaction.execute("INSERT INTO things VALUES (?, ?)", ["x", nil])
                return try transaction.first("SELECT name, note FROM things")
            }
            try expectEqual(try await failure { try row?.get("nome", as: String.self) }, .mismatch)
            try expectEqual(try await failure { try row?.get("name", as: Int64.self) }, .mismatch)
            try expectEqual(try await failure { try row?.get("note", as: String.self) }, .mismatch)
            try expectEqual(try await failure { try row?.get(2, as: String.self) }, .mismatch)
            try expectEqual(try await failure { try row?.get(-1, as: String.self) }, .mismatch)
        },
        Clause("what one engine would change in storing is refused") { database in
            try await database.write { transaction in
                try transaction.execute("CREATE TABLE things (v TEXT, r DOUBLE PRECISION)")
            }
            for parameters: [DatabaseValue] in [["nul \0 inside", 1.0], ["x", .real(.nan)]] {
                let kind = try await failure {
                    try await database.write {
                        try $0.execute("INSERT INTO things VALUES (?, ?)", parameters)
                    }
                }
                try expectEqual(kind, .statement)
            }
        },
        Clause("text sorts by its bytes and LIKE tells capitals apart") { database in
            let names = try await database.write { transaction in
                try transaction.execute("CREATE TABLE things (name TEXT PRIMARY KEY)")
                try transaction.executeBatch(
                    "INSERT INTO things VALUES (?)", ["b", "B", "a", "ä", "Z"].map { [.text($0)] })
                return try transaction.query("SELECT name FROM things ORDER BY name").map(\.values)
            }
            try expectEqual(names, [["B"], ["Z"], ["a"], ["b"], ["ä"]])
            let like = try await database.read { transaction in
                try transaction.query("SELECT name FROM things WHERE name LIKE ?", ["b%"]).map(\.values)
            }
            try expectEqual(like, [["b"]])
        },
    ]
}
