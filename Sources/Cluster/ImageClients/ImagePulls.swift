import Cryptography
import HTTPClients
public import HTTPModel
public import ImageModel

/// A document that a registry gave, as it was sent.
public struct FetchedDocument: Hashable, Sendable {
    public var document: ImageDocument
    public var bytes: [UInt8]
    public var digest: ImageDigest

    public init(document: ImageDocument, bytes: [UInt8], digest: ImageDigest) {
        self.document = document
        self.bytes = bytes
        self.digest = digest
    }

    /// What points to it.
    public var descriptor: ImageDescriptor {
        ImageDescriptor(mediaType: document.mediaType, digest: digest, size: Int64(bytes.count))
    }
}

/// What a blob is sent by, from which byte on.
public struct BlobStream: Sendable {
    /// 0 where the registry does not begin where it was asked to.
    public var offset: Int64
    public var body: any HTTPBodyReader

    public init(offset: Int64, body: any HTTPBodyReader) {
        self.offset = offset
        self.body = body
    }
}

/// Fetching images.
extension RegistryClient {
    /// The manifest or the index behind a reference, whose bytes are held against the digest that names them. A reference without a
    /// host is Docker Hub's.
    public func document(
        _ reference: ImageReference
    ) async throws(RegistryClientError) -> FetchedDocument {
        let reference = reference.onDockerHub
        return try await document(reference, reference.manifest)
    }

    private func document(
        _ reference: ImageReference, _ name: ManifestName
    ) async throws(RegistryClientError) -> FetchedDocument {
        try await document(
            name, of: reference.repository, in: .host(reference.host ?? .dockerHub),
            about: "image \(reference)")
    }

    /// A manifest or an index of a repository, whose bytes are held against the digest that names them.
    ///
    /// - Parameter subject: for messages: `image 'app:1'`.
    public func document(
        _ name: ManifestName, of repository: RepositoryName, in registry: RegistryPlace, about subject: String
    ) async throws(RegistryClientError) -> FetchedDocument {
        let response = try await send(
            RegistryRequest(
                .get, registry, repository, "manifests/\(name)", about: subject,
                fields: HTTPFields(["Accept": ImageMediaType.manifests.joined(separator: ", ")])))
        let bytes = try await Self.collect(
            response.body, limit: ImageLimits.document, "the manifest of \(subject)")
        let digest: ImageDigest
        if case .digest(let wanted) = name {
            digest = ImageDigest(of: bytes, wanted.algorithm)
            guard digest == wanted else {
                throw .wrongDigest(expected: wanted.text, found: digest.text)
            }
        } else {
            digest = ImageDigest(of: bytes)
        }
        let type = response.fields["Content-Type"].map { $0.prefix { $0 != ";" && $0 != " " } }.map(
            String.init)
        do throws(ImageError) {
            let sent = type.flatMap { ImageMediaType.isManifest($0) || ImageMediaType.isIndex($0) ? $0 : nil }
            return FetchedDocument(
                document: try ImageDocument(bytes, mediaType: sent), bytes: bytes, digest: digest)
        } catch {
            throw .malformed("what \(registry) gives as \(subject) is no image: \(error)")
        }
    }

    /// The manifest of the image for a machine: that behind the reference, or the fitting one of an index.
    public func manifest(
        _ reference: ImageReference, for machine: ImagePlatform
    ) async throws(RegistryClientError) -> (manifest: ImageManifest, fetched: FetchedDocument) {
        let reference = reference.onDockerHub
        let first = try await document(reference, reference.manifest)
        switch first.document {
        case .manifest(let manifest): return (manifest, first)
        case .index(let index):
            guard let descriptor = index.manifest(for: machine) else {
                let there = index.manifests.compactMap { $0.platform?.description }.joined(separator: ", ")
                throw .noPlatform("image \(reference) is not there for \(machine), but for \(there)")
            }
            let second = try await document(reference, .digest(descriptor.digest))
            guard case .manifest(let manifest) = second.document else {
                throw .malformed("an index of \(reference) holds another index")
            }
            return (manifest, second)
        }
    }

    /// A small blob whole, held against its digest.
    public func blob(
        _ descriptor: ImageDescriptor, of reference: ImageReference, limit: Int = ImageLimits.document
    ) async throws(RegistryClientError) -> [UInt8] {
        guard descriptor.size <= limit else { throw .malformed("a document of \(reference) is too long") }
        let stream = try await blobStream(descriptor, of: reference)
        let bytes = try await Self.collect(stream.body, limit: limit, "a document of \(reference)")
        let found = ImageDigest(of: bytes, descriptor.digest.algorithm)
        guard found == descriptor.digest else {
            throw .wrongDigest(expected: descriptor.digest.text, found: found.text)
        }
        return bytes
    }

    /// A blob as it comes, from `offset` on where the registry can. Whoever reads holds it against the digest.
    public func blobStream(
        _ descriptor: ImageDescriptor, of reference: ImageReference, from offset: Int64 = 0
    ) async throws(RegistryClientError) -> BlobStream {
        let reference = reference.onDockerHub
        return try await blobStream(
            descriptor.digest, of: reference.repository, in: .host(reference.host ?? .dockerHub),
            about: "blob \(descriptor.digest) of \(reference)", from: offset)
    }

    /// A blob of a repository as it comes, from `offset` on where the registry can. Whoever reads holds it against the digest.
    ///
    /// - Parameter subject: for messages: `blob sha256:…`.
    public func blobStream(
        _ digest: ImageDigest, of repository: RepositoryName, in registry: RegistryPlace,
        about subject: String, from offset: Int64 = 0
    ) async throws(RegistryClientError) -> BlobStream {
        var request = RegistryRequest(
            .get, registry, repository, "blobs/\(digest)", about: subject, isLong: true)
        if offset > 0 { request.fields["Range"] = "bytes=\(offset)-" }
        let response = try await send(request)
        let isPart = offset > 0 && response.status == .partialContent
        return BlobStream(offset: isPart ? offset : 0, body: response.body)
    }
}
