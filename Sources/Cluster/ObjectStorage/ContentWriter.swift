import Concurrency
import Core
import LaneDigests
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
    /// Hashes all bytes; nil where nobody asks for it.
    private let digest: MD5Stream?
    /// Given all bytes in their order, on threads where it may take its time.
    private let observer: (@Sendable ([UInt8]) -> Void)?

    /// What hides the bytes; nil where they stay as they come.
    private let cipher: ContentCipher?
    private var chunks = 0

    init(
        _ store: ObjectStore, _ id: ContentID, _ cipher: ContentCipher? = nil,
        digest: MD5Stream? = nil, observer: (@Sendable ([UInt8]) -> Void)? = nil
    ) {
        self.store = store
        self.id = id
        self.cipher = cipher
        self.digest = digest
        self.observer = observer
    }

    deinit {
        guard !isFinished, writer != nil else { return }
        store.directory.end(id)
    }

    /// How many bytes go to a file at a time.
    private var blockBytes: Int { cipher == nil ? BlobFile.blockBytes : ContentCipher.chunkBytes }

    /// Takes all that `source` gives, until it gives nil: the next bytes come while those before are hashed, hidden and written.
    ///
    /// - Parameter check: told now and then how many bytes came; what it throws is thrown. What `source` throws is, when all that came
    ///   before is written.
    public func append(
        from source: @escaping @Sendable () async throws -> [UInt8]?, check: (Int64) throws -> Void
    ) async throws {
        let blocks = ContentBlocks(of: blockBytes, source)
        var current = await blocks.next()
        while let block = current {
            guard !blocks.isDone else {
                try await append(block)
                try check(size)
                break
            }
            async let next = blocks.next()
            try await append(block)
            try check(size)
            current = await next
        }
        try blocks.check()
    }

    public func append(_ piece: [UInt8]) async throws {
        size += Int64(piece.count)
        let count = blockBytes
        // What is a block already need not be copied.
        if buffer.isEmpty, piece.count == count { return try await flush(piece) }
        buffer += piece
        while buffer.count >= count {
            let block = Array(buffer.prefix(count))
            buffer.removeFirst(count)
            try await flush(block)
        }
    }

    private static let shortBlock = 128 << 10

    private func flush(_ block: [UInt8]) async throws {
        let (directory, id, open, cipher, index) = (store.directory, id, writer, cipher, chunks)
        let (lanes, digest, observer) = (store.lanes, digest, observer)
        chunks += 1
        // A hash of old takes longer than all else: it is computed beside the writing, where it is worth to wake a thread.
        let apart = block.count > Self.shortBlock ? digest : nil
        async let hashed: Void = { if let apart { await lanes.update(apart, block) } }()
        writer = try await store.pool.run("write an object") {
            if apart == nil { digest?.update(block) }
            observer?(block)
            let writer = try open ?? directory.begin(id)
            try writer.write(cipher?.seal(block, index) ?? block)
            return writer
        }
        await hashed
    }

    /// Returns once the bytes are on the disk, or in memory on their way to the database.
    public func finish() async throws -> StoredContent { try await finish(checking: {}).content }

    /// The same, where `check` finds nothing wrong with the bytes, all of which the observer has: what it throws is thrown, and nothing
    /// is left behind.
    public func finish<Value>(
        checking check: () throws -> Value
    ) async throws -> (content: StoredContent, value: Value) {
        guard writer != nil || buffer.count > ObjectStore.inlineBytes else {
            isFinished = true
            digest?.update(buffer)
            observer?(buffer)
            let value = try check()
            let bytes = try cipher?.seal(buffer, 0) ?? buffer
            return (StoredContent(id: id, size: size, place: .inline(bytes), salt: cipher?.salt), value)
        }
        if !buffer.isEmpty {
            let rest = buffer
            buffer = []
            try await flush(rest)
        }
        guard let writer else { throw ApolloError(.internal, "an object has no file") }
        let value = try check()
        try await store.pool.run("sync an object") { try writer.seal() }
        isFinished = true
        return (StoredContent(id: id, size: size, place: .file, salt: cipher?.salt), value)
    }
}
