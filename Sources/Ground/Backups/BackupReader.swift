import Archives
public import Core
import Cryptography
import Documents
public import Glibc

/// Checks and unpacks backups. Blocks while it reads and writes.
public enum BackupReader {
    /// Reads all of the open file, and says what it is if every byte is as it was written.
    ///
    /// - Throws: ``ApolloError``: `corrupt` that names the member at fault where one can be told, `conflict` for a
    ///   newer form.
    public static func verify(_ descriptor: Int32, _ path: String) throws(ApolloError) -> BackupManifest {
        try read(descriptor, path) { _, _ in { _ in } }
    }

    /// The same, and unpacks the members into `directory`, which is empty.
    public static func unpack(
        _ descriptor: Int32, _ path: String, to directory: String, owner: uid_t? = nil, group: gid_t? = nil
    ) throws(ApolloError) -> BackupManifest {
        let made = Unpacking(directory: directory, owner: owner, group: group)
        let manifest = try read(descriptor, path) { member, isLast throws(ApolloError) in
            try made.begin(member.name)
            return { piece throws(ApolloError) in try made.write(piece) }
        }
        try made.finish()
        return manifest
    }

    typealias Sink = (ArraySlice<UInt8>) throws(ApolloError) -> Void

    private static func read(
        _ descriptor: Int32, _ path: String,
        _ begin: (BackupManifest.Member, Int) throws(ApolloError) -> Sink
    ) throws(ApolloError) -> BackupManifest {
        let isWhole = try BackupSeal.isWhole(descriptor, path)
        var place = "its beginning"
        do {
            let archive = try ArchiveReader.open(from: descriptor)
            place = BackupManifest.name
            let manifest = try self.manifest(of: archive, path)
            for (index, member) in manifest.members.enumerated() {
                place = member.name
                guard let found = try archive.next(), found.name == member.name, found.size == member.size
                else { throw damage(path, place) }
                // A damaged backup is read on only to say where the damage is.
                let sink: Sink = isWhole ? try begin(member, index) : { _ in }
                var hash = SHA256()
                while true {
                    let piece = try archive.read()
                    guard !piece.isEmpty else { break }
                    hash.update(piece)
                    try sink(piece[...])
                }
                guard hash.finalize().hex == member.sha256 else { throw damage(path, place) }
            }
            place = "its end"
            guard isWhole, try archive.next() == nil else { throw damage(path, place) }
            return manifest
        } catch let error as ApolloError {
            throw error
        } catch {
            throw damage(path, place, because: "\(error)")
        }
    }

    private static func manifest(
        of archive: borrowing ArchiveReader, _ path: String
    ) throws -> BackupManifest {
        guard let first = try archive.next(), first.name == BackupManifest.name,
            first.size <= BackupManifest.largest
        else {
            throw ApolloError(.corrupt, "\(path) is not a backup of Apollo, or its beginning is damaged")
        }
        var text: [UInt8] = []
        while true {
            let piece = try archive.read()
            guard !piece.isEmpty else { break }
            text += piece
        }
        struct Format: Decodable { var format: Int }
        let format = try JSONReader.decode(Format.self, from: text).format
        guard format <= BackupManifest.newestFormat else {
            throw ApolloError(
                .conflict,
                "\(path) is a backup of form \(format), this program knows up to \(BackupManifest.newestFormat)",
                hint: "restore it with the newer apollo that made it")
        }
        let manifest = try JSONReader.decode(BackupManifest.self, from: text)
        for member in manifest.members where !isPlain(member.name) {
            throw ApolloError(
                .corrupt, "\(path) names a file outside of the data directory: '\(member.name)'")
        }
        return manifest
    }

    /// Whether it is a path that stays below where it starts.
    static func isPlain(_ name: String) -> Bool {
        let parts = name.split(separator: "/", omittingEmptySubsequences: false)
        return !name.utf8.contains(0) && parts.allSatisfy { !$0.isEmpty && $0 != "." && $0 != ".." }
    }

    private static func damage(
        _ path: String, _ place: String, because reason: String? = nil
    ) -> ApolloError {
        ApolloError(
            .corrupt, "the backup \(path) is damaged at \(place)\(reason.map { ": \($0)" } ?? "")",
            hint: "it is cut off or was changed; take another one")
    }
}
