import Backups
import Concurrency
import Core
import Databases
import Glibc
import Identity
import KeyRings
import ObjectStorage
import SQLiteDatabases
import Synchronization

extension BackupManifest {
    /// How many of its files are bytes of objects and images.
    var objects: Int { members.count { $0.name.hasPrefix(DataDirectory.objectsName + "/") } }
}

/// What goes into a backup besides the database.
struct BackupContents: Sendable {
    var hasKeys: Bool
    /// The bytes of objects and images.
    var hasObjects: Bool
}

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
    private let objects: Objects
    private let environment: Environment
    private let isBusy = Mutex(false)

    /// Where the bytes of objects and images are.
    struct Objects: Sendable {
        var path: String
        /// The store that uses them in this process; nil where none does.
        var store: ObjectStore?
    }

    init(
        data: DataDirectory, place: DatabasePlace, database: any Database, objects: Objects,
        environment: Environment
    ) {
        self.data = data
        self.objects = objects
        self.place = place
        self.database = database
        self.environment = environment
        // Of a backup that was killed.
        for end in ["", ".partial", ".lock", "-wal", "-shm"] { unlink(snapshot + end) }
    }

    private var snapshot: String { data.database + ".snapshot" }

    /// A backup of what is committed now, as a file without a name in `directory`.
    ///
    /// - Parameter contents: what goes into it besides the database.
    func make(in directory: String, _ contents: BackupContents) async throws -> PendingFile {
        let isFree = isBusy.withLock { isBusy in
            defer { isBusy = true }
            return !isBusy
        }
        guard isFree else {
            throw ApolloError(
                .conflict, "a backup is being made already", hint: "try again when it is done")
        }
        defer { isBusy.withLock { $0 = false } }
        do {
            guard contents.hasObjects, let store = objects.store else {
                return try await write(in: directory, contents)
            }
            // What is removed while the backup is made is in it, and goes afterwards.
            return try await store.keepingFiles { try await write(in: directory, contents) }
        } catch let error as DatabaseError {
            throw error.asApolloError
        }
    }

    private func write(in directory: String, _ contents: BackupContents) async throws -> PendingFile {
        let (snapshot, data, objects) = (snapshot, data, objects.path)
        let schema = try await PlatformSchema.versions(in: database)
        let keys = try await KeyRing.masters(of: database)
        unlink(snapshot)
        defer { unlink(snapshot) }
        try await copy(to: snapshot)
        let clock = environment.wallClock
        let time = clock.now
        let pool = BlockingPool(name: "backup", threads: 1)
        defer { pool.stop() }
        return try await pool.run("make a backup") {
            var sources = [BackupSource(name: "apollo.db", path: snapshot)]
            for file in Self.files where contents.hasKeys || !file.isKey {
                let path = data.path + "/" + file.name
                guard access(path, F_OK) == 0 else { continue }
                sources.append(BackupSource(name: file.name, path: path, isKey: file.isKey))
            }
            if contents.hasObjects {
                try SQLiteFile(snapshot, wallClock: clock).read { transaction in
                    for file in try ObjectStore.files(transaction) {
                        let place = BlobDirectory.place(of: file)
                        let name = "\(DataDirectory.objectsName)/\(place)"
                        sources.append(BackupSource(name: name, path: "\(objects)/\(place)"))
                    }
                }
            }
            let file = try PendingFile(in: directory)
            try BackupWriter.write(
                sources, apollo: VersionCommand.version, schema: schema, keys: keys, at: time,
                to: file.descriptor)
            return file
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
