import Core
import Databases

private struct FixedClock: WallClock {
    var now: Timestamp { Timestamp(microseconds: 1_000_000) }
}

private let first = Migration(
    1, "make tasks", ["CREATE TABLE tasks (id TEXT PRIMARY KEY)", "CREATE TABLE notes (id TEXT PRIMARY KEY)"])
private let second = Migration(
    2, "add priorities", ["ALTER TABLE tasks ADD COLUMN priority BIGINT NOT NULL DEFAULT 5"])
private let broken = Migration(2, "break", ["CREATE TABLE half (id TEXT)", "CREATE TABLE tasks (id TEXT)"])

extension Clause {
    static let migrations: [Clause] = [
        Clause("migrations run once, in order, and keep what is stored") { database in
            let old = Migrations(component: "tasks", [first])
            try expectEqual(try await old.apply(to: database, clock: FixedClock()), [1])
            try expectEqual(try await old.apply(to: database, clock: FixedClock()), [])
            try await database.write { try $0.execute("INSERT INTO tasks VALUES (?)", ["a"]) }
            let new = Migrations(component: "tasks", [first, second])
            try expectEqual(try await new.apply(to: database, clock: FixedClock()), [2])
            let row = try await database.read { try $0.first("SELECT id, priority FROM tasks")?.values }
            try expectEqual(row, ["a", 5])
        },
        Clause("a migration that fails is undone, and the one before stays") { database in
            let kind = try await failure {
                try await Migrations(component: "tasks", [first, broken]).apply(
                    to: database, clock: FixedClock())
            }
            try expectEqual(kind, .statement)
            let gone = try await failure { try await database.read { try $0.query("SELECT id FROM half") } }
            try expectEqual(gone, .statement)
            let mended = Migrations(component: "tasks", [first, second])
            try expectEqual(try await mended.apply(to: database, clock: FixedClock()), [2])
        },
        Clause("a schema from a newer program is refused, naming both versions") { database in
            try await Migrations(component: "tasks", [first, second]).apply(to: database, clock: FixedClock())
            do {
                try await Migrations(component: "tasks", [first]).apply(to: database, clock: FixedClock())
                throw ContractViolation(description: "nothing was thrown")
            } catch let error as DatabaseError {
                try expectEqual(error.kind, .schemaTooNew(found: 2, known: 1))
                try expect(error.message.contains("version 2"), error.message)
                try expect(error.message.contains("up to 1"), error.message)
            }
        },
        Clause("a migration that was changed after the fact is refused") { database in
            try await Migrations(component: "tasks", [first]).apply(to: database, clock: FixedClock())
            let edited = Migration(1, "make tasks", ["CREATE TABLE tasks (id TEXT PRIMARY KEY, name TEXT)"])
            let kind = try await failure {
                try await Migrations(component: "tasks", [edited, second]).apply(
                    to: database, clock: FixedClock())
            }
            try expectEqual(kind, .corrupt)
        },
        Clause("components have versions of their own") { database in
            try await Migrations(component: "tasks", [first, second]).apply(to: database, clock: FixedClock())
            let other = Migrations(
                component: "secrets", [Migration(1, "make secrets", ["CREATE TABLE secrets (id TEXT)"])])
            try expectEqual(try await other.apply(to: database, clock: FixedClock()), [1])
        },
        Clause("of many who migrate at once, each step is applied by one") { database in
            let migrations = Migrations(component: "tasks", [first, second])
            let applied = try await withThrowingTaskGroup(of: [Int].self) { group in
                for _ in 0..<20 {
                    group.addTask { try await migrations.apply(to: database, clock: FixedClock()) }
                }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            try expectEqual(applied.sorted(), [1, 2])
        },
    ]
}
