import Arguments
import Backups
import Configuration
import Core
import Glibc
import Terminal

/// `apollo restore`.
enum RestoreCommand {
    private static let source = Parameter.argument(
        ValueType("FILE", expecting: "a path", completion: .files) { $0.isEmpty ? nil : $0 },
        help: "A backup that 'apollo backup' made.")
    private static let force = Parameter.flag(
        "force", help: "Take the place of a data directory that is there; it is set aside, not deleted.")

    struct Report: Encodable {
        var data: String
        var createdAt: Timestamp
        var apollo: String
        var hasKeys: Bool
        /// Where what was there before is now.
        var before: String?
    }

    static let command = Command(
        "restore", summary: "Make a data directory from a backup",
        discussion: """
            Reads all of the backup before it changes anything, and refuses one that is damaged or that a newer Apollo \
            made. The platform of the data directory must not run, nor tasks of it.

            Tasks that ran when the backup was made are started again, or fail, as their restart policy says.
            """,
        parameters: [source, force],
        examples: [
            Example("onto a new machine", "apollo restore apollo.backup"),
            Example(
                "back to yesterday", "apollo restore --force /var/backups/apollo-20260501T020000Z.backup"),
        ],
        seeAlso: ["apollo backup", "apollo up"]
    ) { invocation in
        let session = try Session(invocation)
        let report = try restore(
            invocation[source], to: session.configuration[PlatformSettings.dataDirectory],
            force: invocation[force], at: session.now)
        try session.output.write(
            report, as: session.format,
            fields: [
                ("Data", report.data), ("Of", "\(report.createdAt), apollo \(report.apollo)"),
                ("Before", report.before),
                ("Token", report.hasKeys ? "as it was" : "the next 'apollo up' makes a new one"),
            ])
        return .success
    }

    private static func restore(
        _ source: String, to data: String, force: Bool, at now: Timestamp
    ) throws -> Report {
        let file = open(source, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw PrivateFile.failure(reading: source) }
        defer { close(file) }
        try BackupReader.verify(file, source).check(known: PlatformSchema.known)
        let place = try RestorePlace(data: data, force: force, at: now)
        let manifest = try BackupReader.unpack(
            file, source, to: place.directory, owner: place.owner, group: place.group)
        let before = try place.takePlace()
        return Report(
            data: data, createdAt: manifest.createdAt, apollo: manifest.apollo, hasKeys: manifest.hasKeys,
            before: before)
    }
}
