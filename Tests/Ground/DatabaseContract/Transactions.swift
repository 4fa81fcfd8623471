import Databases

private struct Refusal: Error {}

extension Clause {
    static let transactions: [Clause] = [
        Clause("a write that throws leaves nothing behind, and its error arrives") { database in
            try await database.write { try $0.execute("CREATE TABLE things (id BIGINT)") }
            do {
                try await database.write { transaction in
                    try transaction.execute("INSERT INTO things VALUES (1)")
                    throw Refusal()
                }
                throw ContractViolation(description: "nothing was thrown")
            } catch is Refusal {}
            let count = try await database.read { try $0.query("SELECT id FROM things").count }
            try expectEqual(count, 0)
        },
        Clause("a schema change is undone as well") { database in
            try? await database.write { transaction in
                try transaction.execute("CREATE TABLE things (id BIGINT)")
                throw Refusal()
            }
            try await database.write { try $0.execute("CREATE TABLE things (id BIGINT)") }
        },
        Clause("a statement that failed dooms its transaction, even if the error is ignored") { database in
            try await database.write { try $0.execute("CREATE TABLE things (id BIGINT PRIMARY KEY)") }
            let kind = try await failure {
                try await database.write { transaction in
                    try transaction.execute("INSERT INTO things VALUES (1)")
                    _ = try? transaction.execute("INSERT INTO things VALUES (1)")
                    _ = try? transaction.execute("INSERT INTO things VALUES (2)")
                }
            }
            try expectEqual(kind, .constraint(.unique))
            let count = try await database.read { try $0.query("SELECT id FROM things").count }
            try expectEqual(count, 0)
        },
        Clause("what is written can be read at once, by everyone") { database in
            try await database.write { try $0.execute("CREATE TABLE things (id BIGINT)") }
            for id in 0..<50 {
                try await database.write { try $0.execute("INSERT INTO things VALUES (?)", [.init(id)]) }
                let count = try await database.read { try $0.query("SELECT id FROM things").count }
                try expectEqual(count, id + 1)
            }
        },
        Clause("after close every call is refused, and closing again is harmless") { database in
            try await database.write { try $0.execute("CREATE TABLE things (id BIGINT)") }
            await database.close()
            await database.close()
            try expectEqual(
                try await failure { try await database.read { try $0.query("SELECT 1") } }, .closed)
            try expectEqual(
                try await failure { try await database.write { try $0.execute("DELETE FROM things") } },
                .closed)
        },
        Clause("the database's clock does not go back") { database in
            let first = try await database.write { try $0.now() }
            let second = try await database.read { try $0.now() }
            try expect(first <= second, "\(second) is before \(first)")
        },
    ]
}
