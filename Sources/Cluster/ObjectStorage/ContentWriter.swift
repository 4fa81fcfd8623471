import Concurrency
import Core
import ObjectModel

/// Takes the bytes of one object as they come. Few are kept in memory, and go into the database; more go to a file, block by block.
/// What is not finished leaves nothing behind.
public final class ContentWriter {
    private let store: ObjectStore
    private let id: ContentID
    private var buffer: [UInt8] = []
    private var writer: BlobWriter?
    public private(set) var size: Int64 = 0
    private var isFinished = false
    /// Given all bytes in their order, on the thread that writes them.
    private let observer: (@Sendable ([UInt8]) -> Void)?

    /// What hides the bytes; nil where they stay as they come.
    private let cipher: ContentCipher?
    private var chunks = 0

    init(
        _ store: ObjectStore, _ id: ContentID, _ cipher: ContentCipher? = nil,
        observer: (@Sendable ([UInt8]) -> Void)? = nil
    ) {
        self.store = store
        self.id = id
        self.cipher = cipher
        self.observer = observer
    }

    deinit {
        guard !isFinished, writer != nil else { return }
        store.directory.end(id)
    }

    public func append(_ piece: [UInt8]) async throws {
        size += Int64(piece.count)
        // What is a block already need not be copied.
        if cipher == nil, buffer.isEmpty, piece.count == BlobFile.blockBytes { return try await flush(piece) }
        buffer += piece
        let count = cipher == nil ? BlobFile.blockBytes : ContentCipher.chunkBytes
        while buffer.count >= count {
            let block = Array(buffer.prefix(count))
            buffer.removeFirst(count)
            try await flush(block)
        }
    }

    private func flush(_ block: [UInt8]) async throws {
        let (directory, id, open, cipher, index) = (store.directory, id, writer, cipher, chunks)
        let observer = observer
        chunks += 1
        writer = try await store.pool.run("write an object") {
            observer?(block)
            let writer = try open ?? directory.begin(id)
            try writer.write(cipher?.seal(block, index) ?? block)
            return writer
        }
    }

    /// Returns once the bytes are on the disk, or in memory on their way to the database.
    public func finish() async throws -> StoredContent {
        guard writer != nil || buffer.count > ObjectStore.inlineBytes else {
            isFinished = true
            observer?(buffer)
            let bytes = try cipher?.seal(buffer, 0) ?? buffer
            return StoredContent(id: id, size: size, place: .inline(bytes), salt: cipher?.salt)
        }
        if !buffer.isEmpty {
            let rest = buffer
            buffer = []
            try await flush(rest)
        }
        guard let writer else { throw ApolloError(.internal, "an object has no file") }
        try await store.pool.run("sync an object") { try writer.seal() }
        isFinished = true
        return StoredContent(id: id, size: size, place: .file, salt: cipher?.salt)
    }
}
