public import Core
public import ImageModel
import ObjectModel

/// Where a repository belongs, and who made it.
public struct RepositoryRecord: Hashable, Sendable {
    public var name: RepositoryName
    public var project: String

    public init(name: RepositoryName, project: String) {
        self.name = name
        self.project = project
    }
}

/// Bytes that a repository has.
public struct ImageBlob: Hashable, Sendable {
    public var digest: ImageDigest
    public var size: Int64
    var content: ContentID
}

/// A manifest that a repository has, without its bytes.
public struct ManifestRecord: Hashable, Sendable {
    public var digest: ImageDigest
    public var mediaType: String
    /// What a listing of referrers says of it.
    public var artifactType: String?
    public var annotations: ImageAnnotations
    public var size: Int64

    /// As an index names it.
    public var descriptor: ImageDescriptor {
        ImageDescriptor(
            mediaType: mediaType, digest: digest, size: size, annotations: annotations,
            artifactType: artifactType)
    }
}

/// The phantom kind of ``ImageUploadID``.
public enum ImageUploadKind {}
public typealias ImageUploadID = Identifier<ImageUploadKind>

/// A blob that comes in pieces.
public struct ImageUpload: Hashable, Sendable {
    public var id: ImageUploadID
    public var repository: RepositoryRecord
    /// Bytes that are safe.
    public var size: Int64
    /// Pieces that they came in.
    public var parts: Int
    public var createdBy: String
}

/// Why a registry does not do something that was asked for rightly.
public enum ImageStoreError: Error, Hashable, Sendable {
    case noRepository
    case noBlob
    case noManifest
    case noUpload
    /// A piece of an upload that does not begin where the one before has ended: behind so many bytes.
    case wrongOffset(Int64)
    case tooManyParts
    /// The bytes of an upload have another digest.
    case wrongDigest
    /// What a manifest names, and the repository has not.
    case missing([ImageDigest])
    /// The project's images would have more bytes than they may.
    case quota(limit: Int64)
}

/// What the collection of garbage has removed.
public struct CollectedImages: Hashable, Sendable {
    public var uploads = 0
    public var manifests = 0
    /// Blobs that no manifest of their repository uses.
    public var links = 0
    /// Contents that no repository has any more, and their bytes.
    public var blobs = 0
    public var bytes: Int64 = 0
    public var repositories = 0

    public init() {}

    public var isEmpty: Bool { self == CollectedImages() }
}
