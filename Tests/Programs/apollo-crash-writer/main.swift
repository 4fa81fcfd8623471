// Writes rows and says so, until it is killed: the other half of `CrashTests`.
//
//     apollo-crash-writer DATABASE WRITERS
//
// Each line of output, "writer sequence", was written only after the database acknowledged the row.

import Concurrency
import Core
import Databases
import Glibc
import SQLiteDatabases

/// One line in one system call: the lines of two writers never mix, and none waits in a buffer when the end comes.
@Sendable func acknowledge(_ line: String) {
    let bytes = Array((line + "\n").utf8)
    guard Glibc.write(1, bytes, bytes.count) == bytes.count else { exit(3) }
}

guard CommandLine.arguments.count == 3, let writers = Int(CommandLine.arguments[2]) else {
    print("usage: apollo-crash-writer DATABASE WRITERS")
    exit(2)
}
let database = try await SQLiteDatabase.open(CommandLine.arguments[1], environment: .live)
let migrations = Migrations(
    component: "crash",
    [
        Migration(
            1, "make entries and their mirror",
            [
                """
                CREATE TABLE entries (
                    writer BIGINT NOT NULL, sequence BIGINT NOT NULL, filler BYTEA NOT NULL,
                    PRIMARY KEY (writer, sequence))
                """,
                """
                CREATE TABLE mirror (
                    writer BIGINT NOT NULL, sequence BIGINT NOT NULL, PRIMARY KEY (writer, sequence),
                    FOREIGN KEY (writer, sequence) REFERENCES entries (writer, sequence))
                """,
            ])
    ])
try await migrations.apply(to: database, clock: Environment.live.wallClock)

try await withThrowingTaskGroup(of: Void.self) { group in
    for writer in 0..<writers {
        group.addTask {
            while true {
                let sequence = try await database.write { transaction in
                    let last = try transaction.first(
                        "SELECT MAX(sequence) AS last FROM entries WHERE writer = ?", [.init(writer)])
                    let sequence = (try last?.get("last", as: Int?.self) ?? -1) + 1
                    // Of many sizes, so that rows straddle pages.
                    let filler = [UInt8](repeating: UInt8(sequence % 251), count: sequence * 37 % 5000)
                    try transaction.execute(
                        "INSERT INTO entries VALUES (?, ?, ?)",
                        [.init(writer), .init(sequence), .blob(filler)])
                    try transaction.execute(
                        "INSERT INTO mirror VALUES (?, ?)", [.init(writer), .init(sequence)])
                    return sequence
                }
                acknowledge("\(writer) \(sequence)")
            }
        }
    }
    try await group.waitForAll()
}
