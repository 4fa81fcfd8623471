import Core
import Databases
import Documents
public import ImageModel
import ObjectModel
public import ObjectStorage

/// Manifests and tags of a repository, and what refers to what.
extension ImageStore {
    /// A manifest with its bytes.
    public func manifest(
        _ name: ManifestName, in repository: RepositoryName
    ) async throws -> (record: ManifestRecord, bytes: [UInt8]) {
        let (record, content) = try await objects.view { transaction in
            guard let found = try ImageRows.manifest(name, in: repository, transaction) else {
                try ImageRows.require(repository, transaction)
                throw ImageStoreError.noManifest
            }
            return found
        }
        guard let reader = try await objects.open(content: content, size: record.size) else {
            throw ImageStoreError.noManifest
        }
        var bytes: [UInt8] = []
        while Int64(bytes.count) < record.size {
            bytes += try await reader.next(from: Int64(bytes.count), upTo: record.size)
        }
        return (record, bytes)
    }

    /// What is known of a manifest without its bytes.
    public func describe(
        _ name: ManifestName, in repository: RepositoryName
    ) async throws -> ManifestRecord {
        try await objects.view { transaction in
            guard let found = try ImageRows.manifest(name, in: repository, transaction) else {
                try ImageRows.require(repository, transaction)
                throw ImageStoreError.noManifest
            }
            return found.record
        }
    }

    /// Stores a document whose digest is `digest`, and gives it `tags`.
    public func put(
        _ document: ImageDocument, _ content: StoredContent, as digest: ImageDigest, tags: [ImageTag],
        in repository: RepositoryRecord, by principal: String
    ) async throws {
        let annotations = JSONValue.object(
            JSONObject(
                document.annotations.sorted { $0.key < $1.key }.map {
                    .init(key: $0.key, value: .string($0.value))
                })
        ).description
        let needed = Self.needed(by: document)
        do {
            try await store(document, content, digest, tags, repository, needed, annotations, principal)
        } catch let error as DatabaseError where error.kind == .constraint(.foreignKey) {
            // Collected between the look and the commit: its client pushes it again.
            throw ImageStoreError.missing(needed.blobs.sorted { $0.text < $1.text })
        }
    }

    private func store(
        _ document: ImageDocument, _ content: StoredContent, _ digest: ImageDigest, _ tags: [ImageTag],
        _ repository: RepositoryRecord, _ needed: Needed, _ annotations: String, _ principal: String
    ) async throws {
        let (now, quota) = (now, configuration.quota)
        try await objects.keep([content]) { transaction in
            try ImageRows.make(repository, by: principal, at: now, transaction)
            let name = repository.name.text
            let missing = try Self.missing(needed, in: name, transaction)
            guard missing.isEmpty else { throw ImageStoreError.missing(missing) }
            let files = try ImageRows.put(digest, content.id, size: content.size, at: now, transaction)
            try transaction.execute(
                """
                INSERT INTO image_manifests (
                    repository, digest, media_type, artifact_type, subject, annotations, size, created_at, created_by)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT (repository, digest) DO UPDATE SET media_type = excluded.media_type
                """,
                [
                    .text(name), .text(digest.text), .text(document.mediaType),
                    DatabaseValue(document.artifactType), DatabaseValue(document.subject?.digest.text),
                    .text(annotations), .integer(content.size), DatabaseValue(now), .text(principal),
                ])
            for blob in needed.blobs {
                try transaction.execute(
                    """
                    INSERT INTO image_uses (repository, manifest, digest) VALUES (?, ?, ?)
                    ON CONFLICT (repository, manifest, digest) DO NOTHING
                    """, [.text(name), .text(digest.text), .text(blob.text)])
            }
            for child in needed.manifests {
                try transaction.execute(
                    """
                    INSERT INTO image_children (repository, manifest, child) VALUES (?, ?, ?)
                    ON CONFLICT (repository, manifest, child) DO NOTHING
                    """, [.text(name), .text(digest.text), .text(child.text)])
            }
            for tag in tags {
                try transaction.execute(
                    """
                    INSERT INTO image_tags (repository, tag, digest, updated_at, updated_by) VALUES (?, ?, ?, ?, ?)
                    ON CONFLICT (repository, tag) DO UPDATE SET digest = excluded.digest,
                        updated_at = excluded.updated_at, updated_by = excluded.updated_by
                    """,
                    [
                        .text(name), .text(tag.text), .text(digest.text), DatabaseValue(now),
                        .text(principal),
                    ])
            }
            try Self.check(quota, repository.project, transaction)
            return ((), files)
        }
    }

    private struct Needed: Sendable {
        var blobs: Set<ImageDigest> = []
        var manifests: Set<ImageDigest> = []
    }

    /// What has to be in the repository beside a document. Of a subject there need be nothing, nor of layers that are elsewhere.
    private static func needed(by document: ImageDocument) -> Needed {
        switch document {
        case .manifest(let manifest):
            Needed(
                blobs: Set(
                    manifest.blobs.filter { !ImageMediaType.isForeign($0.mediaType) && $0.urls.isEmpty }
                        .map(\.digest)))
        case .index(let index): Needed(manifests: Set(index.manifests.map(\.digest)))
        }
    }

    private static func missing(
        _ needed: Needed, in repository: String, _ transaction: borrowing Transaction
    ) throws -> [ImageDigest] {
        var missing: [ImageDigest] = []
        for (table, digests) in [("image_links", needed.blobs), ("image_manifests", needed.manifests)] {
            for digest in digests {
                let row = try transaction.first(
                    "SELECT 1 AS one FROM \(table) WHERE repository = ? AND digest = ?",
                    [.text(repository), .text(digest.text)])
                if row == nil { missing.append(digest) }
            }
        }
        return missing.sorted { $0.text < $1.text }
    }

    /// Removes a manifest with all its tags.
    public func deleteManifest(_ digest: ImageDigest, in repository: RepositoryName) async throws {
        try await objects.keep { transaction in
            let (isGone, files) = try ImageRows.removeManifest(
                digest.text, in: repository.text, transaction)
            guard isGone else {
                try ImageRows.require(repository, transaction)
                throw ImageStoreError.noManifest
            }
            return ((), files)
        }
    }

    /// Removes a tag; the manifest stays.
    public func deleteTag(_ tag: ImageTag, in repository: RepositoryName) async throws {
        try await objects.keep { transaction in
            let count = try transaction.execute(
                "DELETE FROM image_tags WHERE repository = ? AND tag = ?",
                [.text(repository.text), .text(tag.text)])
            guard count > 0 else {
                try ImageRows.require(repository, transaction)
                throw ImageStoreError.noManifest
            }
            return ((), [])
        }
    }

    /// Tags in the order of their bytes, from behind `last` on.
    public func tags(
        in repository: RepositoryName, after last: String, limit: Int
    ) async throws -> [String] {
        try await objects.view { transaction in
            try ImageRows.require(repository, transaction)
            return try transaction.query(
                "SELECT tag FROM image_tags WHERE repository = ? AND tag > ? ORDER BY tag LIMIT ?",
                [.text(repository.text), .text(last), DatabaseValue(limit)]
            ).map { try $0.get("tag") }
        }
    }

    /// Manifests whose subject is `digest`, in the order of their digests, from behind `last` on; those of `artifactType` alone, where
    /// one is named. None in a repository that is not there.
    public func referrers(
        to digest: ImageDigest, artifactType: String?, in repository: RepositoryName, after last: String,
        limit: Int
    ) async throws -> [ManifestRecord] {
        try await objects.view { transaction in
            try transaction.query(
                """
                SELECT \(ImageRows.manifestColumns) FROM image_manifests m
                WHERE m.repository = ? AND m.subject = ? AND m.digest > ?
                \(artifactType == nil ? "" : "AND m.artifact_type = ?") ORDER BY m.digest LIMIT ?
                """,
                [.text(repository.text), .text(digest.text), .text(last)]
                    + (artifactType.map { [.text($0)] } ?? []) + [DatabaseValue(limit)]
            ).map { try ImageRows.record($0) }
        }
    }
}
