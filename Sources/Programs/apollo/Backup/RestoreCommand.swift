import Arguments
import Backups
import Concurrency
import Configuration
import Core
import Databases
import Glibc
import Leaders
import SQLiteDatabases
import Terminal

/// `apollo restore`.
enum RestoreCommand {
    private static let source = Parameter.argument(
        ValueType("FILE", expecting: "a path", completion: .files) { $0.isEmpty ? nil : $0 },
        help: "A backup that 'apollo backup' made.")
    private static let force = Parameter.flag(
        "force", help: "Take the place of a data directory that is there; it is set aside, not deleted.")

    private static let withoutKey = Parameter.flag(
        "without-key", help: "Restore although the platform's key opens none of the backup's secrets.")

    struct Report: Encodable {
        var data: String
        /// The database on a server that its state is in now.
        var database: String?
        var createdAt: Timestamp
        var apollo: String
        var hasKeys: Bool
        /// What came of the bytes of objects and images.
        var objects: String
        /// Whether the platform can open the secrets, and with which key.
        var secrets: String?
        /// Where what was there before is now.
        var before: String?
    }

    static let command = Command(
        "restore", summary: "Make a data directory from a backup",
        discussion: """
            Reads all of the backup before it changes anything, and refuses one that is damaged or that a newer Apollo \
            made, and one whose secrets need another key than the platform is given. The platform of the data directory must \
            not run, nor tasks of it. With database.url on a server the state goes into that database, which has to be empty, \
            whatever the backup was made of.

            Tasks that ran when the backup was made are started again, or fail, as their restart policy says.
            """,
        parameters: [source, force, withoutKey],
        examples: [
            Example("onto a new machine", "apollo restore apollo.backup"),
            Example(
                "into PostgreSQL",
                "APOLLO_DATABASE_URL=postgres://apollo@localhost/apollo apollo restore apollo.backup"),
            Example(
                "back to yesterday", "apollo restore --force /var/backups/apollo-20260501T020000Z.backup"),
        ],
        seeAlso: ["apollo backup", "apollo up"]
    ) { invocation in
        let session = try Session(invocation)
        let database = try DatabasePlace(session.configuration)
        let data = session.configuration[PlatformSettings.dataDirectory]
        let ownKey = DataDirectory(at: data).secretsKey
        let keys = RestoreKeys(
            source: try PlatformSecrets.source(session.configuration, session.variables, ownKey: ownKey),
            file: ownKey)
        let report = try await restore(
            invocation[source], to: data, database,
            objects: session.configuration[PlatformSettings.objectsDirectory], force: invocation[force],
            keys: invocation[withoutKey] ? nil : keys, at: session.now)
        try session.output.write(
            report, as: session.format,
            fields: [
                ("Data", report.data), ("Database", report.database),
                ("Of", "\(report.createdAt), apollo \(report.apollo)"),
                ("Objects", report.objects), ("Before", report.before), ("Secrets", report.secrets),
                ("Token", report.hasKeys ? "as it was" : "the next 'apollo up' makes a new one"),
            ])
        return .success
    }

    private static func restore(
        _ source: String, to data: String, _ database: DatabasePlace, objects: String?, force: Bool,
        keys: RestoreKeys?, at now: Timestamp
    ) async throws -> Report {
        let file = open(source, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw PrivateFile.failure(reading: source) }
        defer { close(file) }
        let found = try BackupReader.verify(file, source)
        try found.check(known: PlatformSchema.known)
        _ = try keys?.check(found, unpacked: nil)
        let environment = Environment.live
        try await database.requireEmpty(environment: environment)
        let place = try RestorePlace(data: data, force: force, at: now)
        let manifest = try BackupReader.unpack(
            file, source, to: place.directory, owner: place.owner, group: place.group)
        let secrets = try keys?.check(manifest, unpacked: place.directory)
        try await fill(database, from: place.directory + "/apollo.db", environment: environment)
        let before = try place.takePlace()
        return Report(
            data: data, database: database.isShared ? "\(database)" : nil, createdAt: manifest.createdAt,
            apollo: manifest.apollo, hasKeys: manifest.hasKeys,
            objects: text(manifest.objects, in: DataDirectory(at: data).objects, wanted: objects),
            secrets: secrets?.text, before: before)
    }

    /// - Parameter wanted: where the platform will look for them; nil for the data directory.
    private static func text(_ count: Int, in place: String, wanted: String?) -> String {
        guard count > 0 else { return "not in it: copy \(wanted ?? place) back, where there were any" }
        guard let wanted, wanted != place else { return "\(count) files, as they were" }
        return "\(count) files in \(place): copy them to \(wanted) (objects.directory) before the next start"
    }

    /// Readies the state in `file` to go on from, and puts it into the database where that is on a server.
    private static func fill(
        _ database: DatabasePlace, from file: String, environment: Environment
    ) async throws {
        do {
            let state = SQLiteFile(file, wallClock: environment.wallClock)
            if try state.tables().contains(where: { $0.name == LeadershipStore.table }) {
                try state.write { try LeadershipStore.startAnew($0) }
            }
            for end in ["-wal", "-shm"] { unlink(file + end) }
            guard database.isShared else { return }
            let server = try await database.openForCopy(environment: environment)
            do {
                try await ServerCopy(environment: environment).read(file, into: server)
                await server.close()
            } catch {
                await server.close()
                throw error
            }
            for end in ["", "-wal", "-shm"] { unlink(file + end) }
        } catch let error as DatabaseError {
            throw error.asApolloError
        }
    }
}
