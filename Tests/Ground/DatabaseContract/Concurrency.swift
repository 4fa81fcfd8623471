import Databases

private struct Refusal: Error {}

extension Clause {
    static let concurrency: [Clause] = [
        Clause("of a thousand writes at once, those that fail fail alone") { database in
            try await database.write {
                try $0.execute("CREATE TABLE things (id BIGINT PRIMARY KEY, n BIGINT)")
            }
            let refused = try await withThrowingTaskGroup(of: Bool.self) { group in
                for id in 0..<1000 {
                    group.addTask {
                        do {
                            try await database.write { transaction in
                                try transaction.execute("INSERT INTO things VALUES (?, 0)", [.init(id)])
                                if id % 7 == 0 { throw Refusal() }
                                if id % 11 == 0 {
                                    try transaction.execute("INSERT INTO things VALUES (?, 0)", [.init(id)])
                                }
                            }
                            return false
                        } catch is Refusal {
                            return true
                        } catch let error as DatabaseError where error.kind == .constraint(.unique) {
                            return true
                        }
                    }
                }
                return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
            }
            let expected = (0..<1000).filter { $0 % 7 != 0 && $0 % 11 != 0 }
            try expectEqual(refused, 1000 - expected.count)
            let found = try await database.read { transaction in
                try transaction.query("SELECT id FROM things ORDER BY id").map {
                    try $0.get("id", as: Int.self)
                }
            }
            try expectEqual(found, expected)
        },
        Clause("no update is lost") { database in
            try await database.write { transaction in
                try transaction.execute("CREATE TABLE counters (id BIGINT PRIMARY KEY, n BIGINT)")
                try transaction.execute("INSERT INTO counters VALUES (1, 0)")
            }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<200 {
                    group.addTask {
                        try await database.write { transaction in
                            let n: Int? = try transaction.first("SELECT n FROM counters")?.get("n")
                            try transaction.execute("UPDATE counters SET n = ?", [.init((n ?? 0) + 1)])
                        }
                    }
                }
                try await group.waitForAll()
            }
            let n: Int? = try await database.read { try $0.first("SELECT n FROM counters")?.get("n") }
            try expectEqual(n, 200)
        },
        Clause("readers see a write as a whole or not at all") { database in
            try await database.write { transaction in
                try transaction.execute("CREATE TABLE accounts (id BIGINT PRIMARY KEY, n BIGINT)")
                try transaction.execute("INSERT INTO accounts VALUES (1, 500), (2, 500)")
            }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for amount in 1...100 {
                    group.addTask {
                        try await database.write { transaction in
                            try transaction.execute(
                                "UPDATE accounts SET n = n - ? WHERE id = 1", [.init(amount)])
                            try transaction.execute(
                                "UPDATE accounts SET n = n + ? WHERE id = 2", [.init(amount)])
                        }
                    }
                    group.addTask {
                        let sum: Int? = try await database.read { transaction in
                            let first: Int? = try transaction.first("SELECT n FROM accounts WHERE id = 1")?
                                .get(0)
                            let second: Int? = try transaction.first("SELECT n FROM accounts WHERE id = 2")?
                                .get(0)
                            return (first ?? 0) + (second ?? 0)
                        }
                        try expectEqual(sum, 1000)
                    }
                }
                try await group.waitForAll()
            }
        },
        Clause("a cancelled task writes nothing") { database in
            try await database.write { try $0.execute("CREATE TABLE things (id BIGINT)") }
            let wasCancelled = await withTaskGroup(of: Bool.self) { group in
                group.cancelAll()
                group.addTask {
                    do {
                        try await database.write { try $0.execute("INSERT INTO things VALUES (1)") }
                        return false
                    } catch {
                        return error is CancellationError
                    }
                }
                return await group.next() ?? false
            }
            try expect(wasCancelled, "the cancelled write went on")
            let count = try await database.read { try $0.query("SELECT id FROM things").count }
            try expectEqual(count, 0)
        },
    ]
}
