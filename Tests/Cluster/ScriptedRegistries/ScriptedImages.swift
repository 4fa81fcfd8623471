import HTTPModel
public import ImageClients
public import ImageModel
import Synchronization
public import UnpackedImages

/// A registry in memory whose connections break off as a test says, and who remembers from where layers were asked for.
public final class ScriptedImages: ImageSource {
    /// What becomes of an answer with a layer.
    public enum Answer: Hashable, Sendable {
        case whole
        /// So many bytes, then the end of the connection.
        case broken(after: Int)
        /// From its first byte, whatever was asked for.
        case fromStart
    }

    private struct State {
        var answers: [Answer] = []
        var offsets: [Int64] = []
    }

    private let state = Mutex(State())
    private let manifests: [String: ImageManifest]
    private let blobs: [ImageDigest: [UInt8]]

    /// - Parameters:
    ///   - images: the layers of each by the image's name, as tar archives from the lowest on.
    ///   - defaults: what containers of each get.
    public init(_ images: [String: [[UInt8]]], defaults: ImageConfiguration.Defaults = .init()) {
        var manifests: [String: ImageManifest] = [:]
        var blobs: [ImageDigest: [UInt8]] = [:]
        for (name, layers) in images {
            let configuration = ImageConfiguration(
                platform: .host, defaults: defaults, layers: layers.map { ImageDigest(of: $0) }
            ).bytes
            for blob in layers + [configuration] { blobs[ImageDigest(of: blob)] = blob }
            manifests[name] = ImageManifest(
                configuration: ImageDescriptor(of: configuration, mediaType: ImageMediaType.configuration),
                layers: layers.map { ImageDescriptor(of: $0, mediaType: ImageMediaType.layer) })
        }
        self.manifests = manifests
        self.blobs = blobs
    }

    /// What becomes of the next answers; those after them are whole.
    public func answer(_ answers: [Answer]) { state.withLock { $0.answers = answers } }

    /// From where layers were asked for, since this was asked last.
    public func takeOffsets() -> [Int64] {
        state.withLock { state in
            defer { state.offsets = [] }
            return state.offsets
        }
    }

    public func manifest(
        _ reference: ImageReference, for machine: ImagePlatform
    ) async throws(RegistryClientError) -> (manifest: ImageManifest, fetched: FetchedDocument) {
        guard let manifest = manifests[reference.description] else {
            throw .notFound("there is no \(reference)")
        }
        let bytes = manifest.bytes
        return (
            manifest,
            FetchedDocument(document: .manifest(manifest), bytes: bytes, digest: ImageDigest(of: bytes))
        )
    }

    public func blob(
        _ descriptor: ImageDescriptor, of reference: ImageReference, limit: Int
    ) async throws(RegistryClientError) -> [UInt8] {
        guard let bytes = blobs[descriptor.digest] else { throw .notFound("no such blob") }
        return bytes
    }

    public func blobStream(
        _ descriptor: ImageDescriptor, of reference: ImageReference, from offset: Int64
    ) async throws(RegistryClientError) -> BlobStream {
        guard let bytes = blobs[descriptor.digest] else { throw .notFound("no such blob") }
        let answer = state.withLock { state in
            state.offsets.append(offset)
            return state.answers.isEmpty ? .whole : state.answers.removeFirst()
        }
        let start = answer == .fromStart ? 0 : Int(offset)
        var body = Array(bytes[start...])
        if case .broken(let count) = answer {
            body = Array(body.prefix(count))
            return BlobStream(offset: Int64(start), body: BrokenBody(body))
        }
        return BlobStream(offset: Int64(start), body: BufferedBody(body))
    }
}

/// A body in one piece, behind which the connection is gone.
private final class BrokenBody: HTTPBodyReader {
    private let bytes: Mutex<[UInt8]>

    init(_ bytes: [UInt8]) { self.bytes = Mutex(bytes) }

    func next() async throws -> [UInt8]? {
        let piece = bytes.withLock { bytes in
            defer { bytes = [] }
            return bytes
        }
        guard !piece.isEmpty else { throw HTTPBodyError.disconnected }
        return piece
    }
}
