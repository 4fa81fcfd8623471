import Archives
public import Core
import Cryptography
import Documents
import Glibc

/// Makes backups. Blocks while it reads and writes.
public enum BackupWriter {
    /// Writes a backup of `sources`, which must not change meanwhile, and its seal to the open file.
    public static func write(
        _ sources: [BackupSource], apollo: String, schema: [String: Int], keys: [String]? = nil,
        at time: Timestamp, to descriptor: Int32
    ) throws {
        var members: [BackupManifest.Member] = []
        for source in sources {
            let file = try BackupBytes.open(source.path)
            defer { close(file) }
            let (size, digest) = try BackupBytes.digest(of: file, source.path)
            members.append(
                .init(name: source.name, size: size, sha256: digest.hex, isKey: source.isKey))
        }
        let manifest = BackupManifest(
            format: BackupManifest.newestFormat, apollo: apollo, createdAt: time, schema: schema,
            members: members, keys: keys)
        let text = Array(try JSONWriter.prettyText(encoding: manifest).utf8)
        do {
            let archive = try ArchiveWriter.open(to: descriptor)
            try archive.begin(BackupManifest.name, size: Int64(text.count), modified: time)
            try archive.write(text[...])
            for (source, member) in zip(sources, members) { try add(source, member, time, to: archive) }
            try archive.finish()
        } catch let error as ArchiveError {
            throw ApolloError(.unavailable, "cannot write the backup: \(error)", hint: "is its disk full?")
        }
        try BackupSeal.append(to: descriptor)
    }

    private static func add(
        _ source: BackupSource, _ member: BackupManifest.Member, _ time: Timestamp,
        to archive: borrowing ArchiveWriter
    ) throws {
        try archive.begin(source.name, size: member.size, modified: time)
        let file = try BackupBytes.open(source.path)
        defer { close(file) }
        // It was hashed a moment ago: one that changed since does not pass the check that follows each backup.
        while let piece = try BackupBytes.next(of: file, source.path) { try archive.write(piece) }
    }
}
