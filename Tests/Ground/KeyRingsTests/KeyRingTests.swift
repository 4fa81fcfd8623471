import Concurrency
import Core
import Databases
import Glibc
import KeyRings
import TestDatabases
import Testing

@Suite(.everyDatabase) struct KeyRingTests {
    private let scratch = Scratch()
    private let environment = Environment.live
    private static let notes = SealedTable("notes", keys: ["name"]) { SealingContext("note", "\($0[0])") }

    private var own: MasterKeySource { .own(path: scratch.path("secrets.key")) }

    private func makeDatabase() async throws -> any Database {
        let database = try await TestDatabase.open(environment: .live)
        try await KeyRing.migrations.apply(to: database, clock: environment.wallClock)
        try await database.write { transaction in
            try transaction.execute(
                """
                CREATE TABLE notes (name TEXT NOT NULL PRIMARY KEY,
                    key_id TEXT NOT NULL REFERENCES sealing_keys (id), sealed BYTEA NOT NULL)
                """)
        }
        return database
    }

    private func put(_ name: String, _ text: String, _ ring: KeyRing, _ database: any Database) async throws {
        let sealed = try ring.seal(
            SecretBytes(Array(text.utf8)), SealingContext("note", "\(DatabaseValue(name))"))
        try await database.write { transaction in
            try transaction.execute(
                "INSERT INTO notes (name, key_id, sealed) VALUES (?, ?, ?)",
                [.text(name), DatabaseValue(sealed.key), .blob(sealed.bytes)])
        }
    }

    private func text(_ name: String, _ ring: KeyRing, _ database: any Database) async throws -> String? {
        let sealed = try await database.read { transaction -> Sealed in
            let row = try transaction.first(
                "SELECT key_id, sealed FROM notes WHERE name = ?", [.text(name)])!
            return Sealed(key: try row.get("key_id"), bytes: try row.get("sealed"))
        }
        return try ring.open(sealed, SealingContext("note", "\(DatabaseValue(name))")).text
    }

    @Test("The first start makes a key file for its owner alone; the next opens what was sealed")
    func firstStart() async throws {
        let database = try await makeDatabase()
        let ring = try await KeyRing.open(own, database, environment: environment)
        try await put("a", "hidden", ring, database)
        var status = stat()
        #expect(stat(scratch.path("secrets.key"), &status) == 0)
        #expect(status.st_mode & 0o777 == 0o600)
        let again = try await KeyRing.open(own, database, environment: environment)
        #expect(try await text("a", again, database) == "hidden")
        #expect(again.status.master == ring.status.master)
        await database.close()
    }

    @Test("What is sealed opens in its own place alone, and not when a bit of it is another")
    func contexts() async throws {
        let database = try await makeDatabase()
        let ring = try await KeyRing.open(own, database, environment: environment)
        let secret = SecretBytes([1, 2, 3])
        var sealed = try ring.seal(secret, SealingContext("a", "bc"))
        #expect(try ring.open(sealed, SealingContext("a", "bc")) == secret)
        #expect(throws: ApolloError.self) { try ring.open(sealed, SealingContext("ab", "c")) }
        #expect(try ring.seal(secret, SealingContext("a")) != ring.seal(secret, SealingContext("a")))
        sealed.bytes[20] ^= 1
        #expect(throws: ApolloError.self) { try ring.open(sealed, SealingContext("a", "bc")) }
        await database.close()
    }

    @Test("A rotation seals all rows anew and forgets the old key; so does one that was interrupted")
    func rotation() async throws {
        let database = try await makeDatabase()
        let ring = try await KeyRing.open(own, database, environment: environment)
        for number in 0..<250 { try await put("n\(number)", "text \(number)", ring, database) }
        let before = ring.status.newest
        let result = try await ring.rotate([Self.notes])
        #expect(result.rows == 250)
        #expect(result.removed == 1)
        #expect(ring.status.newest != before)
        #expect(ring.status.count == 1)
        // Interrupted after the new key: both are there, and nothing is sealed anew.
        _ = try await ring.rotate([])
        #expect(ring.status.count == 2)
        let again = try await KeyRing.open(own, database, environment: environment)
        #expect(try await text("n7", again, database) == "text 7")
        let finished = try await again.finishRotation([Self.notes], batch: 10)
        #expect(finished.rows == 250)
        #expect(again.status.count == 1)
        #expect(try await text("n249", again, database) == "text 249")
        await database.close()
    }

    @Test("A key that a row needs stays, whatever a rotation thinks")
    func neededKeys() async throws {
        let database = try await makeDatabase()
        let ring = try await KeyRing.open(own, database, environment: environment)
        try await put("a", "hidden", ring, database)
        let result = try await ring.rotate([])
        #expect(result.removed == 0)
        #expect(try await text("a", ring, database) == "hidden")
        await database.close()
    }

    @Test("A new master key in front of the old takes over; then the old one can go")
    func masters() async throws {
        let database = try await makeDatabase()
        let ring = try await KeyRing.open(own, database, environment: environment)
        try await put("a", "hidden", ring, database)
        let old = scratch.read("secrets.key")
        let new = try MasterKey.generate()
        scratch.write("secrets.key", "# new\n\(new.text)\n\(old)")
        let both = try await KeyRing.open(own, database, environment: environment)
        #expect(both.status.master == new.id)
        scratch.write("secrets.key", new.text + "\n")
        let alone = try await KeyRing.open(own, database, environment: environment)
        #expect(try await text("a", alone, database) == "hidden")
        await database.close()
    }

    @Test("A wrong key locks the ring and names the one that is wanted; a missing one is not made anew")
    func wrongKey() async throws {
        let database = try await makeDatabase()
        let ring = try await KeyRing.open(own, database, environment: environment)
        try await put("a", "hidden", ring, database)
        let (id, other) = (ring.status.master!, try MasterKey.generate())
        scratch.write("secrets.key", other.text + "\n")
        let wrong = try await KeyRing.open(own, database, environment: environment)
        #expect(wrong.status.problem?.kind == .unavailable)
        #expect(wrong.status.problem?.message.contains(id) == true)
        #expect(wrong.status.problem?.message.contains(other.id) == true)
        await #expect(throws: ApolloError.self) { try await text("a", wrong, database) }
        await #expect(throws: ApolloError.self) { try await wrong.rotate([Self.notes]) }
        unlink(scratch.path("secrets.key"))
        let missing = try await KeyRing.open(own, database, environment: environment)
        #expect(missing.status.problem?.message.contains(id) == true)
        #expect(access(scratch.path("secrets.key"), F_OK) != 0)
        await database.close()
    }

    @Test("A key file that others can read, or that holds no key, is refused")
    func badFiles() async throws {
        let database = try await makeDatabase()
        scratch.write("secrets.key", try MasterKey.generate().text, mode: 0o644)
        var ring = try await KeyRing.open(own, database, environment: environment)
        #expect(ring.status.problem?.kind == .denied)
        for text in ["", "\n# nothing\n", "apk_short", String(repeating: "x", count: 100)] {
            scratch.write("secrets.key", text)
            ring = try await KeyRing.open(own, database, environment: environment)
            #expect(ring.status.problem?.kind == .invalid)
            #expect(text.isEmpty || ring.status.problem?.description.contains(text) == false)
        }
        let named = MasterKeySource.file(path: scratch.path("nowhere"))
        ring = try await KeyRing.open(named, database, environment: environment)
        #expect(ring.status.problem?.kind == .unavailable)
        await database.close()
    }

    @Test("A command brings the key; one that fails is told without its words")
    func commands() async throws {
        let database = try await makeDatabase()
        let key = try MasterKey.generate()
        scratch.write("from-a-vault", key.text + "\n")
        let good = MasterKeySource.command("cat '\(scratch.path("from-a-vault"))'")
        #expect(try await KeyRing.open(good, database, environment: environment).status.master == key.id)
        let bad = try await KeyRing.open(
            .command("echo hunter2 >/dev/null; exit 3"), database, environment: environment)
        #expect(bad.status.problem?.message.contains("exit code 3") == true)
        #expect(bad.status.problem?.description.contains("hunter2") == false)
        let endless = try await KeyRing.open(.command("yes"), database, environment: environment)
        #expect(endless.status.problem != nil)
        await database.close()
    }

    @Test("Keys and secrets show themselves in no log")
    func redaction() throws {
        let key = try MasterKey.generate()
        let secret = SecretBytes(Array("hunter2".utf8))
        for text in [
            "\(key)", String(reflecting: key), "\([key])", "\([secret])", String(reflecting: secret),
        ] {
            #expect(!text.contains(key.text) && !text.contains("hunter2") && !text.contains("104"))
        }
        #expect(MasterKey(parsing: key.text) == key)
        #expect(MasterKey(parsing: key.text + "A") == nil)
    }
}

/// A directory that goes with its test.
private final class Scratch: Sendable {
    private let directory: String

    init() {
        var template = Array("/tmp/apollo-keys-XXXXXX".utf8CString)
        precondition(mkdtemp(&template) != nil)
        directory = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit {
        for name in ["secrets.key", "from-a-vault"] { unlink(path(name)) }
        rmdir(directory)
    }

    func path(_ name: String) -> String { "\(directory)/\(name)" }

    func write(_ name: String, _ text: String, mode: mode_t = 0o600) {
        let file = fopen(path(name), "w")!
        fputs(text, file)
        fclose(file)
        chmod(path(name), mode)
    }

    func read(_ name: String) -> String {
        guard let file = fopen(path(name), "r") else { return "" }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = fread(&bytes, 1, bytes.count, file)
        return String(decoding: bytes.prefix(count), as: UTF8.self)
    }
}
