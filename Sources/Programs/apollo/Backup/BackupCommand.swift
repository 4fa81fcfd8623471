import APIClients
import Arguments
import Backups
import Concurrency
import Configuration
import Core
import Databases
import Glibc
import HTTPModel
import PlatformClients
import Terminal

/// `apollo backup`.
enum BackupCommand {
    private static let target = Parameter.argument(
        ValueType("FILE|DIRECTORY", expecting: "a path", completion: .files) { $0.isEmpty ? nil : $0 },
        help: "The file to make, or a directory to make one in, named by the time.")
    private static let withKeys = Parameter.flag(
        "with-keys", help: "Put tokens and keys into it, too: whoever reads it can do everything.")

    private static let withObjects = Parameter.flag(
        "with-objects",
        help:
            "Put the bytes of objects and images into it, too: it takes as much room as they do, for a moment twice."
    )

    struct Report: Encodable {
        var file: String
        var size: Int64
        var createdAt: Timestamp
        var hasKeys: Bool
        /// How many files of objects and images are in it.
        var objects: Int
    }

    static let command = Command(
        "backup", summary: "Copy the platform's state into one file, while it runs or not",
        discussion: """
            Asks the platform for a backup if it runs, and else reads the data directory itself. What was acknowledged \
            before is in it. The file is there as a whole or not at all, for its owner alone, and was read again \
            before this command succeeds.

            Tasks, nodes and the audit record are in it; the output of tasks is not, tokens and keys only with --with-keys, and what \
            objects and images have beyond 16 KiB only with --with-objects.
            """,
        parameters: [target, withKeys, withObjects],
        examples: [
            Example("into a file named by the time", "apollo backup /var/backups"),
            Example(
                "all that is needed on another machine",
                "apollo backup apollo.backup --with-keys --with-objects"),
        ],
        seeAlso: ["apollo restore"]
    ) { invocation in
        let session = try Session(invocation)
        let path = BackupCommand.path(invocation[target], at: session.now)
        guard access(path, F_OK) != 0 else {
            throw ApolloError(
                .exists, "there is a file \(path) already", hint: "choose another name, or a directory")
        }
        let contents = BackupContents(hasKeys: invocation[withKeys], hasObjects: invocation[withObjects])
        let file = try await make(session, in: PendingFile.directory(of: path), contents)
        // What was written is what can be read: it is looked at as a restore would.
        let manifest = try BackupReader.verify(file.descriptor, path)
        try file.publish(as: path)
        let report = Report(
            file: path, size: file.size, createdAt: manifest.createdAt, hasKeys: manifest.hasKeys,
            objects: manifest.objects)
        try session.output.write(
            report, as: session.format,
            fields: [
                ("Backup", report.file), ("Size", "\(ByteCount(report.size))"),
                ("Of", "\(report.createdAt)"),
                ("Objects", contents.hasObjects ? "in it, \(report.objects) files" : "not in it"),
                ("Keys", report.hasKeys ? "in it: keep it as you keep them" : "not in it"),
            ])
        return .success
    }

    private static func path(_ target: String, at now: Timestamp) -> String {
        var status = stat()
        guard stat(target, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else { return target }
        let stamp = now.description.filter { $0.isNumber || $0 == "T" }.prefix(15)
        return (target.hasSuffix("/") ? target : target + "/") + "apollo-\(stamp)Z.backup"
    }

    private static func make(_ session: Session, in directory: String, _ contents: BackupContents)
        async throws
        -> PendingFile
    {
        guard try session.isPlatformExpected() else { return try await read(session, directory, contents) }
        do {
            return try await download(session, directory, contents)
        } catch let error as ApolloError where error.kind == .unavailable && session.hasNoGivenAddress {
            // It wrote its address and was killed. If it only does not answer, its lock says so.
            return try await read(session, directory, contents)
        }
    }

    private static func download(_ session: Session, _ directory: String, _ contents: BackupContents)
        async throws
        -> PendingFile
    {
        let file = try PendingFile(in: directory)
        try await session.withClient { client in
            let body = try await client.api.open(
                "/backup?withKeys=\(contents.hasKeys)&withObjects=\(contents.hasObjects)",
                accept: "application/zstd", method: .post,
                // Nothing comes before all of it is made.
                idle: contents.hasObjects ? .seconds(6 * 3600) : .seconds(600)
            )
            while let piece = try await body.next() { try file.write(piece) }
        }
        return file
    }

    private static func read(_ session: Session, _ directory: String, _ contents: BackupContents) async throws
        -> PendingFile
    {
        let place = try DatabasePlace(session.configuration)
        let data = DataDirectory(at: session.configuration[PlatformSettings.dataDirectory])
        guard access(place.isShared ? data.path : data.database, F_OK) == 0 else {
            throw ApolloError(
                .notFound, "there is no platform in \(data.path)",
                hint: "name its directory with --data, or its address with --address")
        }
        let environment = Environment.live
        let database = try await place.open(in: data, environment: environment)
        do {
            let backup = PlatformBackup(
                data: data, place: place, database: database,
                objects: PlatformBackup.Objects(
                    path: session.configuration[PlatformSettings.objectsDirectory] ?? data.objects),
                environment: environment)
            let file = try await backup.make(in: directory, contents)
            await database.close()
            return file
        } catch {
            await database.close()
            throw error
        }
    }
}
