import Core
import Databases
import Documents
import ImageModel
import ObjectModel
import ObjectStorage

/// The rows of a registry, within a transaction.
enum ImageRows {
    static func repository(
        _ name: RepositoryName, _ transaction: borrowing Transaction
    ) throws -> RepositoryRecord? {
        try transaction.first(
            "SELECT project FROM image_repositories WHERE name = ?", [.text(name.text)]
        ).map { RepositoryRecord(name: name, project: try $0.get("project")) }
    }

    static func require(_ name: RepositoryName, _ transaction: borrowing Transaction) throws {
        guard try repository(name, transaction) != nil else { throw ImageStoreError.noRepository }
    }

    static func make(
        _ repository: RepositoryRecord, by principal: String, at now: Timestamp,
        _ transaction: borrowing Transaction
    ) throws {
        try transaction.execute(
            """
            INSERT INTO image_repositories (name, organisation, project, created_at, created_by)
            VALUES (?, 'default', ?, ?, ?) ON CONFLICT (name) DO NOTHING
            """,
            [
                .text(repository.name.text), .text(repository.project), DatabaseValue(now), .text(principal),
            ])
    }

    // MARK: Blobs

    static func blob(
        _ digest: ImageDigest, in repository: RepositoryName, _ transaction: borrowing Transaction
    ) throws -> (blob: ImageBlob, usedAt: Timestamp)? {
        let row = try transaction.first(
            """
            SELECT b.content AS content, b.size AS size, l.used_at AS used_at
            FROM image_links l JOIN image_blobs b ON b.digest = l.digest
            WHERE l.repository = ? AND l.digest = ?
            """, [.text(repository.text), .text(digest.text)])
        guard let row else { return nil }
        return (
            ImageBlob(digest: digest, size: try row.get("size"), content: try row.get("content")),
            try row.get("used_at")
        )
    }

    /// Makes `content` the bytes of `digest`, where there are none yet; else lets go of it. The files to remove.
    static func put(
        _ digest: ImageDigest, _ content: ContentID, size: Int64, at now: Timestamp,
        _ transaction: borrowing Transaction
    ) throws -> [ContentID] {
        let made = try transaction.execute(
            """
            INSERT INTO image_blobs (digest, content, size, created_at) VALUES (?, ?, ?, ?)
            ON CONFLICT (digest) DO NOTHING
            """, [.text(digest.text), DatabaseValue(content), .integer(size), DatabaseValue(now)])
        return made > 0 ? [] : try ObjectStore.release(content, transaction)
    }

    static func link(
        _ digest: ImageDigest, to repository: RepositoryName, at now: Timestamp,
        _ transaction: borrowing Transaction
    ) throws {
        try transaction.execute(
            """
            INSERT INTO image_links (repository, digest, used_at) VALUES (?, ?, ?)
            ON CONFLICT (repository, digest) DO UPDATE SET used_at = excluded.used_at
            """, [.text(repository.text), .text(digest.text), DatabaseValue(now)])
    }

    /// Lets go of bytes that no repository has any more; the files to remove, and how many bytes they have.
    static func release(
        _ digest: String, _ transaction: borrowing Transaction
    ) throws -> (files: [ContentID], bytes: Int64)? {
        let row = try transaction.first(
            """
            SELECT content, size FROM image_blobs WHERE digest = ?
            AND NOT EXISTS (SELECT 1 FROM image_links WHERE image_links.digest = image_blobs.digest)
            AND NOT EXISTS (SELECT 1 FROM image_manifests WHERE image_manifests.digest = image_blobs.digest)
            """, [.text(digest)])
        guard let row else { return nil }
        try transaction.execute("DELETE FROM image_blobs WHERE digest = ?", [.text(digest)])
        return (try ObjectStore.release(row.get("content"), transaction), try row.get("size"))
    }

    // MARK: Manifests

    static let manifestColumns =
        "m.digest AS digest, m.media_type AS media_type, m.artifact_type AS artifact_type, m.annotations AS annotations, m.size AS size"

    static func manifest(
        _ name: ManifestName, in repository: RepositoryName, _ transaction: borrowing Transaction
    ) throws -> (record: ManifestRecord, content: ContentID)? {
        let row: Row?
        switch name {
        case .digest(let digest):
            row = try transaction.first(
                """
                SELECT \(manifestColumns), b.content AS content
                FROM image_manifests m JOIN image_blobs b ON b.digest = m.digest
                WHERE m.repository = ? AND m.digest = ?
                """, [.text(repository.text), .text(digest.text)])
        case .tag(let tag):
            row = try transaction.first(
                """
                SELECT \(manifestColumns), b.content AS content
                FROM image_tags t JOIN image_manifests m ON m.repository = t.repository AND m.digest = t.digest
                JOIN image_blobs b ON b.digest = m.digest
                WHERE t.repository = ? AND t.tag = ?
                """, [.text(repository.text), .text(tag.text)])
        }
        guard let row else { return nil }
        return (try record(row), try row.get("content"))
    }

    static func record(_ row: Row) throws -> ManifestRecord {
        ManifestRecord(
            digest: try digest(row.get("digest")), mediaType: try row.get("media_type"),
            artifactType: try row.get("artifact_type"),
            annotations: try JSONReader.decode(from: row.get("annotations", as: String.self).utf8),
            size: try row.get("size"))
    }

    static func digest(_ text: String) throws -> ImageDigest {
        do throws(ImageError) { return try ImageDigest(parsing: text) } catch {
            throw ApolloError(.corrupt, "the registry has a digest that cannot be one: \(text)")
        }
    }

    static func name(_ text: String) throws -> RepositoryName {
        do throws(ImageError) { return try RepositoryName(parsing: text) } catch {
            throw ApolloError(
                .corrupt, "the registry has a repository with a name that cannot be one: \(text)")
        }
    }

    /// Removes a manifest with its tags; the files to remove. False where it is not there.
    static func removeManifest(
        _ digest: String, in repository: String, _ transaction: borrowing Transaction
    ) throws -> (isGone: Bool, files: [ContentID]) {
        let key: [DatabaseValue] = [.text(repository), .text(digest)]
        try transaction.execute("DELETE FROM image_tags WHERE repository = ? AND digest = ?", key)
        try transaction.execute("DELETE FROM image_uses WHERE repository = ? AND manifest = ?", key)
        try transaction.execute("DELETE FROM image_children WHERE repository = ? AND manifest = ?", key)
        let count = try transaction.execute(
            "DELETE FROM image_manifests WHERE repository = ? AND digest = ?", key)
        guard count > 0 else { return (false, []) }
        return (true, try release(digest, transaction)?.files ?? [])
    }

    static func repositoryCount(
        in project: String, _ transaction: borrowing Transaction
    ) throws -> Int {
        try transaction.first(
            "SELECT COUNT(*) AS number FROM image_repositories WHERE project = ?", [.text(project)])?
            .get("number") ?? 0
    }

    /// Bytes of all that the repositories of a project have, each content once.
    static func bytes(ofProject project: String, _ transaction: borrowing Transaction) throws -> Int64 {
        try transaction.first(
            """
            SELECT CAST(COALESCE(SUM(size), 0) AS BIGINT) AS bytes FROM image_blobs WHERE digest IN (
                SELECT l.digest FROM image_links l JOIN image_repositories r ON r.name = l.repository
                WHERE r.project = ?
                UNION
                SELECT m.digest FROM image_manifests m JOIN image_repositories r ON r.name = m.repository
                WHERE r.project = ?)
            """, [.text(project), .text(project)])?.get("bytes") ?? 0
    }
}
