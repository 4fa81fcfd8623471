import Core
import ImageModel
import ObjectModel
public import ObjectStorage
import Synchronization

/// Takes the bytes of a blob, or of the next piece of one, as they come. What is not finished leaves nothing behind.
public final class ImagePieceWriter {
    private let writer: ContentWriter
    private let digester: ImageDigester?

    init(_ objects: ObjectStore, _ digester: ImageDigester?) {
        // Hashed where it is written, while the next bytes are on their way.
        writer = digester.map { digester in objects.write { digester.update($0) } } ?? objects.write()
        self.digester = digester
    }

    /// Bytes that came so far.
    public var size: Int64 { writer.size }

    public func append(_ bytes: [UInt8]) async throws {
        try await writer.append(bytes)
    }

    /// Takes all that `source` gives, as ``ContentWriter/append(from:check:)``.
    public func append(
        from source: @escaping @Sendable () async throws -> [UInt8]?, check: (Int64) throws -> Void
    ) async throws {
        try await writer.append(from: source, check: check)
    }

    /// Returns once the bytes are on the disk, or on their way to the database.
    public func finish() async throws -> ImagePiece {
        ImagePiece(content: try await writer.finish(), digester: digester)
    }
}

/// Bytes that are safe, and belong to no blob yet.
public struct ImagePiece: Sendable {
    public let content: StoredContent
    /// Of all bytes up to the end of this piece; nil where those before it are not at hand.
    public let digester: ImageDigester?
}

/// Hashes of uploads as far as they came, so that their bytes need not be read again. Bounded: what is not here is read.
final class UploadHashes: Sendable {
    private static let limit = 4096

    private struct Entry {
        var digester: ImageDigester
        var size: Int64
        var order: Int
    }

    private struct State {
        var entries: [ImageUploadID: Entry] = [:]
        var count = 0
    }

    private let state = Mutex(State())

    func put(_ digester: ImageDigester, of upload: ImageUploadID, size: Int64) {
        state.withLock { state in
            state.count += 1
            if state.entries.count >= Self.limit,
                let oldest = state.entries.min(by: { $0.value.order < $1.value.order })
            {
                state.entries[oldest.key] = nil
            }
            state.entries[upload] = Entry(digester: digester, size: size, order: state.count)
        }
    }

    /// The hash of the first `size` bytes, which from now on is the caller's alone.
    func take(_ upload: ImageUploadID, size: Int64) -> ImageDigester? {
        guard let entry = state.withLock({ $0.entries.removeValue(forKey: upload) }) else { return nil }
        return entry.size == size ? entry.digester : nil
    }

    func remove(_ upload: ImageUploadID) { state.withLock { $0.entries[upload] = nil } }
}
