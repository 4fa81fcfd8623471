import Concurrency
import Core
import Databases
import Glibc
import SQLiteDatabases
import Testing

/// What `SPECIFICATION.md` promises of a crash: nothing acknowledged is gone, and nothing is half there.
@Suite(.temporaryDirectory) struct CrashTests {
    private static let writers = 8

    @Test(.timeLimit(.minutes(3)))
    func `after kill -9 every acknowledged row is there and the database is whole`() async throws {
        let directory = TemporaryDirectory.current
        let path = directory.path + "/crash.db"
        var stored = [Int](repeating: -1, count: Self.writers)
        for round in 0..<25 {
            let count = 1 + Int(Environment.live.random.next(below: 600))
            // Each goes on after what it finds, acknowledged or not.
            var acknowledged = stored
            for (writer, sequence) in try Self.run(path, killAfter: count) {
                #expect(sequence == acknowledged[writer] + 1)
                acknowledged[writer] = sequence
            }
            stored = try await Self.verify(path, acknowledged, round)
        }
        // Every writer got its turn.
        #expect(stored.allSatisfy { $0 > 0 })
    }

    /// Opens the database as the next start would, and holds it against what was acknowledged; returns each writer's last row.
    private static func verify(_ path: String, _ acknowledged: [Int], _ round: Int) async throws -> [Int] {
        let database = try await SQLiteDatabase.open(path, environment: .live)
        try await database.check()
        let rows = try await database.read { transaction in
            try transaction.query(
                """
                SELECT e.writer, COUNT(*) AS count, MAX(e.sequence) AS last, COUNT(m.sequence) AS mirrored
                FROM entries AS e LEFT JOIN mirror AS m ON m.writer = e.writer AND m.sequence = e.sequence
                GROUP BY e.writer
                """)
        }
        var last = [Int](repeating: -1, count: writers)
        for row in rows {
            let writer: Int = try row.get("writer")
            last[writer] = try row.get("last")
            // Without gaps, and each transaction as a whole.
            #expect(try row.get("count") == last[writer] + 1, "round \(round), writer \(writer)")
            #expect(try row.get("mirrored") == last[writer] + 1, "round \(round), writer \(writer)")
        }
        for writer in 0..<writers {
            #expect(last[writer] >= acknowledged[writer], "round \(round): writer \(writer) lost rows")
            // One may be written and not yet acknowledged when the end comes.
            #expect(last[writer] <= acknowledged[writer] + 1, "round \(round): writer \(writer) has too many")
        }
        await database.close()
        return last
    }

    /// Starts the writer, kills it once it has acknowledged `count` rows, and returns all it acknowledged.
    private static func run(_ path: String, killAfter count: Int) throws -> [(writer: Int, sequence: Int)] {
        var ends: [Int32] = [0, 0]
        try #require(pipe(&ends) == 0)
        for end in ends { try #require(fcntl(end, F_SETFD, FD_CLOEXEC) == 0) }
        let process = try spawn(program, [path, String(writers)], output: ends[1])
        close(ends[1])
        defer { close(ends[0]) }
        var text: [UInt8] = []
        var lines = 0
        var isAlive = true
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            let got = read(ends[0], &buffer, buffer.count)
            if got <= 0 { break }
            text += buffer[..<got]
            lines += buffer[..<got].count { $0 == UInt8(ascii: "\n") }
            if isAlive, lines >= count {
                #expect(kill(process, SIGKILL) == 0)
                isAlive = false
            }
        }
        var status: Int32 = 0
        #expect(waitpid(process, &status, 0) == process)
        #expect(status == SIGKILL, "the writer ended by itself, with status \(status)")
        return String(decoding: text, as: UTF8.self).split(separator: "\n").compactMap { line in
            let numbers = line.split(separator: " ").compactMap { Int($0) }
            return numbers.count == 2 ? (numbers[0], numbers[1]) : nil
        }
    }
}
