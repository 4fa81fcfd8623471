import Core
import Databases
import ImageModel
import ObjectModel
import ObjectStorage

/// The collection of garbage. It may run while images are pushed: what a push has sent, mounted or asked for less than
/// ``Configuration/grace`` ago stays, and each step is one transaction, which the schema has fail where a manifest came in between.
extension ImageStore {
    /// How much is removed in one transaction.
    private static let batch = 100

    /// - Parameters:
    ///   - grace: another time than the configured one.
    ///   - untagged: whether manifests go, too, that no tag and no index has, and that are about no manifest that is there.
    public func collect(grace: Duration? = nil, untagged: Bool = false) async throws -> CollectedImages {
        var collected = CollectedImages()
        let before = now.advanced(by: .zero - (grace ?? configuration.grace))
        collected.uploads = try await collectUploads(
            before: grace == nil ? now.advanced(by: .zero - configuration.uploadAge) : before)
        if untagged { collected.manifests = try await collectManifests(before: before) }
        while true {
            let links = try await collectLinks(before: before)
            collected.links += links
            if links < Self.batch { break }
        }
        while true {
            let (blobs, bytes) = try await collectBlobs()
            collected.blobs += blobs
            collected.bytes += bytes
            if blobs < Self.batch { break }
        }
        collected.repositories = try await collectRepositories(before: before)
        return collected
    }

    private func collectUploads(before: Timestamp) async throws -> Int {
        var all = 0
        while true {
            let ids = try await objects.keep { transaction in
                let rows = try transaction.query(
                    "SELECT id FROM image_uploads WHERE created_at < ? ORDER BY id LIMIT 10",
                    [DatabaseValue(before)])
                var (ids, files): ([ImageUploadID], [ContentID]) = ([], [])
                for row in rows {
                    let id: ImageUploadID = try row.get("id")
                    for part in try Self.parts(of: id, transaction) {
                        files += try ObjectStore.release(part.content, transaction)
                    }
                    try Self.forget(id, transaction)
                    ids.append(id)
                }
                return (ids, files)
            }
            for id in ids { hashes.remove(id) }
            all += ids.count
            if ids.count < 10 { return all }
        }
    }

    /// Signatures and the like stay with what they are about, and the manifests of an index with it.
    private func collectManifests(before: Timestamp) async throws -> Int {
        var all = 0
        while true {
            let count = try await objects.keep { transaction in
                let rows = try transaction.query(
                    """
                    SELECT repository, digest FROM image_manifests m WHERE created_at < ?
                    AND NOT EXISTS (SELECT 1 FROM image_tags t WHERE t.repository = m.repository AND t.digest = m.digest)
                    AND NOT EXISTS (SELECT 1 FROM image_children c WHERE c.repository = m.repository AND c.child = m.digest)
                    AND NOT EXISTS (SELECT 1 FROM image_manifests s WHERE s.repository = m.repository AND s.digest = m.subject)
                    ORDER BY repository, digest LIMIT ?
                    """, [DatabaseValue(before), DatabaseValue(Self.batch)])
                var files: [ContentID] = []
                for row in rows {
                    files += try ImageRows.removeManifest(
                        row.get("digest"), in: row.get("repository"), transaction
                    ).files
                }
                return (rows.count, files)
            }
            all += count
            // The manifests of an index that went are nobody's any more, and are found by the next round.
            if count == 0 { return all }
        }
    }

    private func collectLinks(before: Timestamp) async throws -> Int {
        try await objects.keep { transaction in
            let rows = try transaction.query(
                """
                SELECT repository, digest FROM image_links l WHERE used_at < ?
                AND NOT EXISTS (SELECT 1 FROM image_uses u WHERE u.repository = l.repository AND u.digest = l.digest)
                ORDER BY repository, digest LIMIT ?
                """, [DatabaseValue(before), DatabaseValue(Self.batch)])
            for row in rows {
                // The condition again: somebody may have asked for it just now.
                try transaction.execute(
                    "DELETE FROM image_links WHERE repository = ? AND digest = ? AND used_at < ?",
                    [
                        .text(try row.get("repository")), .text(try row.get("digest")),
                        DatabaseValue(before),
                    ])
            }
            return (rows.count, [])
        }
    }

    private func collectBlobs() async throws -> (count: Int, bytes: Int64) {
        try await objects.keep { transaction in
            let rows = try transaction.query(
                """
                SELECT digest FROM image_blobs b
                WHERE NOT EXISTS (SELECT 1 FROM image_links l WHERE l.digest = b.digest)
                AND NOT EXISTS (SELECT 1 FROM image_manifests m WHERE m.digest = b.digest)
                ORDER BY digest LIMIT ?
                """, [DatabaseValue(Self.batch)])
            var (files, bytes): ([ContentID], Int64) = ([], 0)
            for row in rows {
                guard let gone = try ImageRows.release(row.get("digest"), transaction) else { continue }
                files += gone.files
                bytes += gone.bytes
            }
            return ((rows.count, bytes), files)
        }
    }

    private func collectRepositories(before: Timestamp) async throws -> Int {
        try await objects.keep { transaction in
            let count = try transaction.execute(
                """
                DELETE FROM image_repositories WHERE created_at < ?
                AND NOT EXISTS (SELECT 1 FROM image_links l WHERE l.repository = image_repositories.name)
                AND NOT EXISTS (SELECT 1 FROM image_manifests m WHERE m.repository = image_repositories.name)
                """, [DatabaseValue(before)])
            return (count, [])
        }
    }
}
