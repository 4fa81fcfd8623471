public import Core
public import Databases
public import ImageModel
import ObjectModel
public import ObjectStorage

/// Repositories of images: their manifests, tags and blobs in the database, the bytes in the object store, once for all repositories.
///
/// A blob that was pushed, mounted or asked for is kept for ``Configuration/grace`` although no manifest uses it yet: a collection of
/// garbage takes nothing from a push that is under way.
public final class ImageStore: Sendable {
    public struct Configuration: Hashable, Sendable {
        /// How long a blob is kept that no manifest uses.
        public var grace: Duration
        /// How long an upload may take.
        public var uploadAge: Duration
        /// The most bytes that the images of a project have of which no other quota was set; nil for no limit.
        public var quota: Int64?

        public init(
            grace: Duration = .seconds(86400), uploadAge: Duration = .seconds(86400), quota: Int64? = nil
        ) {
            self.grace = grace
            self.uploadAge = uploadAge
            self.quota = quota
        }
    }

    public static let migrations = ImageSchema.migrations
    /// The most pieces of one upload.
    static let maximumParts = 10_000

    let objects: ObjectStore
    let environment: Environment
    public let configuration: Configuration
    let hashes = UploadHashes()

    public init(_ objects: ObjectStore, environment: Environment, configuration: Configuration) {
        self.objects = objects
        self.environment = environment
        self.configuration = configuration
    }

    var now: Timestamp { environment.wallClock.now }

    // MARK: Repositories

    public func repository(_ name: RepositoryName) async throws -> RepositoryRecord {
        guard let record = try await objects.view({ try ImageRows.repository(name, $0) }) else {
            throw ImageStoreError.noRepository
        }
        return record
    }

    /// Repositories in the order of their names, from behind `last` on, as far as they are visible.
    public func repositories(
        after last: String, limit: Int, where isVisible: @escaping @Sendable (RepositoryRecord) -> Bool
    ) async throws -> [RepositoryRecord] {
        try await objects.view { transaction in
            var found: [RepositoryRecord] = []
            var after = last
            while found.count < limit {
                let rows = try transaction.query(
                    "SELECT name, project FROM image_repositories WHERE name > ? ORDER BY name LIMIT 500",
                    [.text(after)])
                for row in rows where found.count < limit {
                    let record = RepositoryRecord(
                        name: try ImageRows.name(row.get("name")), project: try row.get("project"))
                    if isVisible(record) { found.append(record) }
                }
                guard rows.count == 500, let next: String = try rows.last?.get("name") else { break }
                after = next
            }
            return found
        }
    }

    /// How many repositories a project has.
    public func repositoryCount(in project: String) async throws -> Int {
        try await objects.view { try ImageRows.repositoryCount(in: project, $0) }
    }

    /// Bytes of the images of a project, each content once.
    public func bytes(ofProject project: String) async throws -> Int64 {
        try await objects.view { try ImageRows.bytes(ofProject: project, $0) }
    }

    // MARK: Blobs

    /// A blob that a repository has. Whoever asks relies on its being there a while longer.
    public func blob(_ digest: ImageDigest, in repository: RepositoryName) async throws -> ImageBlob {
        let found = try await objects.view { transaction in
            guard let found = try ImageRows.blob(digest, in: repository, transaction) else {
                try ImageRows.require(repository, transaction)
                throw ImageStoreError.noBlob
            }
            return found
        }
        // Not at every question: a quarter of the time that it is kept is near enough.
        guard found.usedAt.duration(to: now) > configuration.grace / 4 else { return found.blob }
        let now = now
        let count = try await objects.keep { transaction in
            (
                try transaction.execute(
                    "UPDATE image_links SET used_at = ? WHERE repository = ? AND digest = ?",
                    [DatabaseValue(now), .text(repository.text), .text(digest.text)]), []
            )
        }
        // Collected just now: its client pushes it again.
        guard count > 0 else { throw ImageStoreError.noBlob }
        return found.blob
    }

    /// The bytes of a blob, which stay for as long as they are read.
    public func open(
        _ digest: ImageDigest, in repository: RepositoryName
    ) async throws -> (ImageBlob, ContentReader) {
        let blob = try await blob(digest, in: repository)
        guard let reader = try await objects.open(content: blob.content, size: blob.size) else {
            // Gone, or its file is: which of them the second look tells.
            _ = try await self.blob(digest, in: repository)
            throw ApolloError(
                .corrupt, "the bytes of the blob \(digest) are missing",
                hint: "push the image again, or bring the directory of objects back from a copy")
        }
        return (blob, reader)
    }

    /// Gives `target` a blob that `source` has.
    public func mount(
        _ digest: ImageDigest, from source: RepositoryName, to target: RepositoryRecord,
        by principal: String
    ) async throws {
        let (now, quota) = (now, configuration.quota)
        try await objects.keep { transaction in
            guard try ImageRows.blob(digest, in: source, transaction) != nil else {
                throw ImageStoreError.noBlob
            }
            try ImageRows.make(target, by: principal, at: now, transaction)
            try ImageRows.link(digest, to: target.name, at: now, transaction)
            try Self.check(quota, target.project, transaction)
            return ((), [])
        }
    }

    /// Takes a blob from a repository, although manifests may use it.
    public func deleteBlob(_ digest: ImageDigest, in repository: RepositoryName) async throws {
        try await objects.keep { transaction in
            let key: [DatabaseValue] = [.text(repository.text), .text(digest.text)]
            try transaction.execute("DELETE FROM image_uses WHERE repository = ? AND digest = ?", key)
            let count = try transaction.execute(
                "DELETE FROM image_links WHERE repository = ? AND digest = ?", key)
            guard count > 0 else {
                try ImageRows.require(repository, transaction)
                throw ImageStoreError.noBlob
            }
            return ((), try ImageRows.release(digest.text, transaction)?.files ?? [])
        }
    }
}
