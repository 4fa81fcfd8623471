import Backups
import Concurrency
import Core
import Databases
import Glibc
import Identity
import KeyRings
import SQLiteDatabases
import Synchronization

/// Makes backups of a platform whose database is open in this process. One at a time.
final class PlatformBackup: Sendable {
    /// The files beside the database that are the platform's state. Those that are keys let their reader in, and go into a
    /// backup only when asked for. Whoever keeps another file in the data directory adds it here; what is not listed
    /// (outputs, sockets, the address) belongs to what runs and not to a backup.
    static let files: [(name: String, isKey: Bool)] = [
        ("node-id", false), (AdminTokenFile.name, true), ("secrets.key", true),
    ]

    private let data: DataDirectory
    private let place: DatabasePlace
    private let database: any Database
    private let environment: Environment
    private let isBusy = Mutex(false)

    init(data: DataDirectory, place: DatabasePlace, database: any Database, environment: Environment) {
        self.data = data
        self.place = place
        self.database = database
        self.environment = environment
        // Of a backup that was killed.
        for end in ["", ".partial", ".lock", "-wal", "-shm"] { unlink(snapshot + end) }
    }

    private var snapshot: String { data.database + ".snapshot" }

    /// A backup of what is committed now, as a file without a name in `directory`.
    func make(in directory: String, withKeys: Bool) async throws -> PendingFile {
        let isFree = isBusy.withLock { isBusy in
            defer { isBusy = true }
            return !isBusy
        }
        guard isFree else {
            throw ApolloError(
                .conflict, "a backup is being made already", hint: "try again when it is done")
        }
        defer { isBusy.withLock { $0 = false } }
        let (snapshot, data) = (snapshot, data)
        do {
            let schema = try await PlatformSchema.versions(in: database)
            let keys = try await KeyRing.masters(of: database)
            unlink(snapshot)
            defer { unlink(snapshot) }
            try await copy(to: snapshot)
            let time = environment.wallClock.now
            let pool = BlockingPool(name: "backup", threads: 1)
            defer { pool.stop() }
            return try await pool.run("make a backup") {
                var sources = [BackupSource(name: "apollo.db", path: snapshot)]
                for file in Self.files where withKeys || !file.isKey {
                    let path = data.path + "/" + file.name
                    guard access(path, F_OK) == 0 else { continue }
                    sources.append(BackupSource(name: file.name, path: path, isKey: file.isKey))
                }
                let file = try PendingFile(in: directory)
                try BackupWriter.write(
                    sources, apollo: VersionCommand.version, schema: schema, keys: keys, at: time,
                    to: file.descriptor)
                return file
            }
        } catch let error as DatabaseError {
            throw error.asApolloError
        }
    }

    /// What is committed now, as a file of SQLite, whatever the database is.
    private func copy(to path: String) async throws {
        if let file = database as? SQLiteDatabase { return try await file.backUp(to: path) }
        // By connections of its own: it may take long, and holds nobody up.
        let source = try await place.openForCopy(environment: environment)
        do {
            try await ServerCopy(environment: environment).write(source, to: path)
            await source.close()
        } catch {
            await source.close()
            throw error
        }
    }
}
