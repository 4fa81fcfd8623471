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
        try await document(reference.onDockerHub, reference.manifest)
    }

    private func document(
        _ reference: ImageReference, _ name: ManifestName
    ) async throws(RegistryClientError) -> FetchedDocument {
        let host = reference.host ?? .dockerHub
        let what = "image \(reference)"
        var request = RegistryRequest(.get, host, reference.repository, "manifests/\(name)")
        request.fields["Accept"] = ImageMediaType.manifests.joined(separator: ", ")
        let response = try await send(request)
        guard response.status == .ok else { throw .refusal(response.status, of: what, host) }
        let bytes = try await Self.collect(
            response.body, limit: ImageLimits.document, "the manifest of \(what)")
        let algorithm = reference.digest?.algorithm ?? .sha256
        let digest: ImageDigest
        if case .digest(let wanted) = name {
            digest = ImageDigest(of: bytes, wanted.algorithm)
            guard digest == wanted else {
                throw .wrongDigest(expected: wanted.text, found: digest.text)
            }
        } else {
            digest = ImageDigest(of: bytes, algorithm)
        }
        let type = response.fields["Content-Type"].map { $0.prefix { $0 != ";" && $0 != " " } }.map(
            String.init)
        do throws(ImageError) {
            let sent = type.flatMap { ImageMediaType.isManifest($0) || ImageMediaType.isIndex($0) ? $0 : nil }
            return FetchedDocument(
                document: try ImageDocument(bytes, mediaType: sent), bytes: bytes, digest: digest)
        } catch {
            throw .malformed("what \(host) gives as \(what) is no image: \(error)")
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
        let host = reference.host ?? .dockerHub
        var request = RegistryRequest(.get, host, reference.repository, "blobs/\(descriptor.digest)")
        if offset > 0 { request.fields["Range"] = "bytes=\(offset)-" }
        let response = try await send(request)
        switch response.status {
        case .ok: return BlobStream(offset: 0, body: response.body)
        case .partialContent where offset > 0: return BlobStream(offset: offset, body: response.body)
        default:
            throw .refusal(response.status, of: "blob \(descriptor.digest) of \(reference)", host)
        }
    }
}
