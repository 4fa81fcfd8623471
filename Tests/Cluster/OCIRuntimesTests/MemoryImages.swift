import HTTPModel
import ImageClients
import ImageModel
import TestImages
import UnpackedImages

/// A registry in memory with one image, of busybox.
struct MemoryImages: ImageSource {
    static let name = "apollo.test/busybox:1"

    private let manifest: ImageManifest
    private let blobs: [ImageDigest: [UInt8]]

    init() throws {
        let layer = try BusyboxLayer.tar()
        let configuration = ImageConfiguration(
            platform: .host,
            defaults: .init(
                environment: ["PATH=/bin:/opt/bin", "FROM_IMAGE=yes"], command: ["sh"], workingDirectory: "/"),
            layers: [ImageDigest(of: layer)]
        ).bytes
        manifest = ImageManifest(
            configuration: ImageDescriptor(of: configuration, mediaType: ImageMediaType.configuration),
            layers: [ImageDescriptor(of: layer, mediaType: ImageMediaType.layer)])
        blobs = [ImageDigest(of: layer): layer, ImageDigest(of: configuration): configuration]
    }

    func manifest(
        _ reference: ImageReference, for machine: ImagePlatform
    ) async throws(RegistryClientError) -> (manifest: ImageManifest, fetched: FetchedDocument) {
        guard reference.description == Self.name else { throw .notFound("there is no \(reference)") }
        let bytes = manifest.bytes
        return (
            manifest,
            FetchedDocument(document: .manifest(manifest), bytes: bytes, digest: ImageDigest(of: bytes))
        )
    }

    func blob(
        _ descriptor: ImageDescriptor, of reference: ImageReference, limit: Int
    ) async throws(RegistryClientError) -> [UInt8] {
        guard let bytes = blobs[descriptor.digest] else { throw .notFound("no such blob") }
        return bytes
    }

    func blobStream(
        _ descriptor: ImageDescriptor, of reference: ImageReference, from offset: Int64
    ) async throws(RegistryClientError) -> BlobStream {
        guard let bytes = blobs[descriptor.digest] else { throw .notFound("no such blob") }
        return BlobStream(offset: offset, body: BufferedBody(Array(bytes[Int(offset)...])))
    }
}
