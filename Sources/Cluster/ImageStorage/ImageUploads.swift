public import Core
import Databases
public import ImageModel
import ObjectModel
public import ObjectStorage

/// Blobs that come in pieces, over as many requests and as long a time as their clients take.
extension ImageStore {
    public func beginUpload(
        to repository: RepositoryRecord, _ algorithm: ImageDigest.Algorithm, by principal: String
    ) async throws -> ImageUpload {
        let upload = ImageUpload(
            id: environment.identifier(), repository: repository, size: 0, parts: 0, createdBy: principal)
        let (now, quota) = (now, configuration.quota)
        try await objects.keep { transaction in
            // Whoever is over the limit is told before the bytes come.
            try Self.check(quota, repository.project, transaction)
            try transaction.execute(
                """
                INSERT INTO image_uploads (id, repository, project, size, parts, created_at, created_by)
                VALUES (?, ?, ?, 0, 0, ?, ?)
                """,
                [
                    DatabaseValue(upload.id), .text(repository.name.text), .text(repository.project),
                    DatabaseValue(now), .text(principal),
                ])
            return ((), [])
        }
        hashes.put(ImageDigester(algorithm), of: upload.id, size: 0)
        return upload
    }

    public func upload(_ id: ImageUploadID, to repository: RepositoryName) async throws -> ImageUpload {
        try await objects.view { try Self.find(id, repository, $0) }
    }

    /// Puts all that `source` gives, until it gives nil, behind what an upload has. Where `source` breaks off, what came is kept for
    /// its client to go on behind, and what it threw is thrown.
    ///
    /// A client that is gone has its request cancelled, which is just when its bytes have to be kept: so whoever calls this waits
    /// for the end of it, cancelled or not. `source` has to end when its client does.
    public func append(
        to upload: ImageUpload, from source: @escaping @Sendable () async throws -> [UInt8]?
    ) async throws -> ImageUpload {
        // lint:allow unstructured-task a cancellation must not reach it
        try await Task { try await appendToItsEnd(upload, source) }.value
    }

    private func appendToItsEnd(
        _ upload: ImageUpload, _ source: @escaping @Sendable () async throws -> [UInt8]?
    ) async throws -> ImageUpload {
        let writer = beginPiece(of: upload)
        do {
            try await writer.append(
                from: {
                    do { return try await source() } catch { throw BrokenSource(cause: error) }
                }, check: try await limit(behind: upload.size, in: upload.repository.project))
        } catch let broken as BrokenSource {
            if writer.size > 0 { _ = try await append(try await writer.finish(), to: upload) }
            throw broken.cause
        }
        return try await append(try await writer.finish(), to: upload)
    }

    /// Of an error that where bytes come from has thrown, and not where they go to.
    private struct BrokenSource: Error {
        var cause: any Error
    }

    /// Puts a piece behind those that an upload has.
    public func append(_ piece: ImagePiece, to upload: ImageUpload) async throws -> ImageUpload {
        guard piece.content.size > 0 else {
            await objects.discard([piece.content])
            if let digester = piece.digester { hashes.put(digester, of: upload.id, size: upload.size) }
            return upload
        }
        let content = piece.content
        let grown = try await objects.keep([content]) { transaction in
            var now = try Self.find(upload.id, upload.repository.name, transaction)
            guard now.size == upload.size else { throw ImageStoreError.wrongOffset(now.size) }
            guard now.parts < Self.maximumParts else { throw ImageStoreError.tooManyParts }
            try transaction.execute(
                "INSERT INTO image_parts (upload, number, content, size) VALUES (?, ?, ?, ?)",
                [
                    DatabaseValue(now.id), DatabaseValue(now.parts), DatabaseValue(content.id),
                    .integer(content.size),
                ])
            now.size += content.size
            now.parts += 1
            try transaction.execute(
                "UPDATE image_uploads SET size = ?, parts = ? WHERE id = ?",
                [.integer(now.size), DatabaseValue(now.parts), DatabaseValue(now.id)])
            return (now, [])
        }
        if let digester = piece.digester { hashes.put(digester, of: grown.id, size: grown.size) }
        return grown
    }

    /// Begins the next piece of an upload, with the hash of those before it, where that is at hand.
    public func beginPiece(of upload: ImageUpload) -> ImagePieceWriter {
        ImagePieceWriter(objects, hashes.take(upload.id, size: upload.size))
    }

    /// Makes a blob of an upload, where it has that digest. Otherwise the upload goes on.
    public func complete(_ upload: ImageUpload, as digest: ImageDigest) async throws {
        guard try await self.digest(of: upload, digest.algorithm) == digest else {
            throw ImageStoreError.wrongDigest
        }
        let (whole, now) = (environment.identifier(of: ContentKind.self), now)
        // A blob of no bytes came in no pieces.
        let empty = upload.parts == 0 ? [try await objects.write().finish()] : []
        let quota = configuration.quota
        try await objects.keep(empty) { transaction in
            let current = try Self.find(upload.id, upload.repository.name, transaction)
            guard current.size == upload.size else { throw ImageStoreError.wrongOffset(current.size) }
            let parts = try Self.parts(of: upload.id, transaction).map(\.content)
            let content = parts.count == 1 ? parts[0] : empty.first?.id ?? whole
            if parts.count > 1 { try ObjectStore.join(parts, as: whole, transaction) }
            try Self.forget(upload.id, transaction)
            let files = try Self.name(
                content, size: upload.size, digest, upload.repository, by: upload.createdBy, at: now,
                quota: quota, transaction)
            return ((), files)
        }
    }

    /// Makes a blob of bytes whose digest was found to be `digest`.
    public func put(
        _ content: StoredContent, as digest: ImageDigest, in repository: RepositoryRecord,
        by principal: String
    ) async throws {
        let (now, quota) = (now, configuration.quota)
        try await objects.keep([content]) { transaction in
            let files = try Self.name(
                content.id, size: content.size, digest, repository, by: principal, at: now, quota: quota,
                transaction)
            return ((), files)
        }
    }

    /// Takes the bytes of a blob that comes at once, all that `source` gives until it gives nil.
    public func receive(
        _ algorithm: ImageDigest.Algorithm, in project: String,
        from source: @escaping @Sendable () async throws -> [UInt8]?
    ) async throws -> ImagePiece {
        let writer = write(algorithm)
        try await writer.append(from: source, check: try await limit(behind: 0, in: project))
        return try await writer.finish()
    }

    /// Begins bytes that are no piece of an upload.
    public func write(_ algorithm: ImageDigest.Algorithm) -> ImagePieceWriter {
        ImagePieceWriter(objects, ImageDigester(algorithm))
    }

    /// Removes bytes that are to become nothing.
    public func discard(_ piece: ImagePiece) async { await objects.discard([piece.content]) }

    public func abort(_ upload: ImageUpload) async throws {
        try await objects.keep { transaction in
            _ = try Self.find(upload.id, upload.repository.name, transaction)
            var files: [ContentID] = []
            for part in try Self.parts(of: upload.id, transaction) {
                files += try ObjectStore.release(part.content, transaction)
            }
            try Self.forget(upload.id, transaction)
            return ((), files)
        }
        hashes.remove(upload.id)
    }

    // MARK: Rows

    private static func name(
        _ content: ContentID, size: Int64, _ digest: ImageDigest, _ repository: RepositoryRecord,
        by principal: String, at now: Timestamp, quota: Int64?, _ transaction: borrowing Transaction
    ) throws -> [ContentID] {
        try ImageRows.make(repository, by: principal, at: now, transaction)
        let files = try ImageRows.put(digest, content, size: size, at: now, transaction)
        try ImageRows.link(digest, to: repository.name, at: now, transaction)
        try check(quota, repository.project, transaction)
        return files
    }

    static func find(
        _ id: ImageUploadID, _ repository: RepositoryName, _ transaction: borrowing Transaction
    ) throws -> ImageUpload {
        let row = try transaction.first(
            "SELECT project, size, parts, created_by FROM image_uploads WHERE id = ? AND repository = ?",
            [DatabaseValue(id), .text(repository.text)])
        guard let row else { throw ImageStoreError.noUpload }
        return ImageUpload(
            id: id, repository: RepositoryRecord(name: repository, project: try row.get("project")),
            size: try row.get("size"), parts: try row.get("parts"), createdBy: try row.get("created_by"))
    }

    static func parts(
        of id: ImageUploadID, _ transaction: borrowing Transaction
    ) throws -> [(content: ContentID, size: Int64)] {
        try transaction.query(
            "SELECT content, size FROM image_parts WHERE upload = ? ORDER BY number LIMIT 10000",
            [DatabaseValue(id)]
        ).map { (try $0.get("content"), try $0.get("size")) }
    }

    static func forget(_ id: ImageUploadID, _ transaction: borrowing Transaction) throws {
        try transaction.execute("DELETE FROM image_parts WHERE upload = ?", [DatabaseValue(id)])
        try transaction.execute("DELETE FROM image_uploads WHERE id = ?", [DatabaseValue(id)])
    }

    // MARK: Hashes

    /// The digest of all pieces: as they came, or, where that is not at hand, by reading them again.
    private func digest(
        of upload: ImageUpload, _ algorithm: ImageDigest.Algorithm
    ) async throws -> ImageDigest {
        if let digester = hashes.take(upload.id, size: upload.size), digester.algorithm == algorithm {
            return digester.finish()
        }
        let parts = try await objects.view { transaction in
            try Self.parts(of: upload.id, transaction).map { Part(content: $0.content, size: $0.size) }
        }
        let digester = ImageDigester(algorithm)
        for part in parts {
            guard let reader = try await objects.open(content: part.content, size: part.size) else {
                throw ImageStoreError.noUpload
            }
            var offset: Int64 = 0
            while offset < part.size {
                let piece = try await reader.next(from: offset, upTo: part.size)
                digester.update(piece)
                offset += Int64(piece.count)
            }
        }
        return digester.finish()
    }

    private struct Part: Sendable {
        var content: ContentID
        var size: Int64
    }
}
