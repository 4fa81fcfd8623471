import Checksums
import Concurrency
import Core
import ObjectModel
import Synchronization

/// The bytes of an object, open to be read: they stay although the object is replaced meanwhile.
public final class ContentReader: Sendable {
    enum Piece: Sendable {
        case inline([UInt8])
        case file(ContentID, size: Int64, ContentCipher?)

        var size: Int64 {
            switch self {
            case .inline(let bytes): Int64(bytes.count)
            case .file(_, let size, _): size
            }
        }
    }

    private let store: ObjectStore
    private let pieces: [Piece]
    private let files: [ContentID]
    /// The file that was read last: one is open at a time, however many an object has.
    private let current = Mutex<(id: ContentID, reader: BlobReader)?>(nil)
    public let size: Int64

    init(_ store: ObjectStore, _ pieces: [Piece]) {
        self.store = store
        self.pieces = pieces
        size = pieces.reduce(0) { $0 + $1.size }
        files = pieces.compactMap { if case .file(let id, _, _) = $0 { id } else { nil } }
        store.directory.retain(files)
    }

    deinit { store.directory.release(files) }

    /// Opens the first file; false where it is gone.
    func prepare() async throws -> Bool {
        guard let first = files.first else { return true }
        return try await open(first) != nil
    }

    private func open(_ id: ContentID) async throws -> BlobReader? {
        if let current = current.withLock(\.self), current.id == id { return current.reader }
        let reader = try await store.pool.run("open an object") { [directory = store.directory] in
            try directory.open(id)
        }
        if let reader { current.withLock { $0 = (id, reader) } }
        return reader
    }

    /// The bytes from `offset` on, up to the end of the block that they are in; none at or behind `end`.
    public func next(from offset: Int64, upTo end: Int64) async throws -> [UInt8] {
        var start: Int64 = 0
        for piece in pieces {
            if offset < start + piece.size {
                return try await read(piece, from: offset - start, upTo: min(end - start, piece.size))
            }
            start += piece.size
        }
        throw ApolloError(.internal, "an object was read beyond its end")
    }

    /// Gives the bytes of `range`, in pieces, to `take`, the first of which was read already: the next is read while one is taken.
    public func forEachPiece(
        of range: Range<Int64>, beginningWith first: [UInt8], _ take: ([UInt8]) async throws -> Void
    ) async throws {
        var piece = first
        var offset = range.lowerBound
        while true {
            offset += Int64(piece.count)
            guard offset < range.upperBound else { return try await take(piece) }
            let start = offset
            async let next = next(from: start, upTo: range.upperBound)
            try await take(piece)
            piece = try await next
        }
    }

    /// Gives the bytes of `range`, piece by piece as it is called, and then nil. One call at a time.
    public func pieces(of range: Range<Int64>) -> @Sendable () async throws -> [UInt8]? {
        let next = Mutex(range.lowerBound)
        return {
            let offset = next.withLock(\.self)
            guard offset < range.upperBound else { return nil }
            let piece = try await self.next(from: offset, upTo: range.upperBound)
            next.withLock { $0 = offset + Int64(piece.count) }
            return piece
        }
    }

    private func read(_ piece: Piece, from offset: Int64, upTo end: Int64) async throws -> [UInt8] {
        switch piece {
        case .inline(let bytes): return Array(bytes[Int(offset)..<Int(end)])
        case .file(let id, let size, let cipher):
            guard let reader = try await open(id),
                reader.size == cipher.map({ _ in ContentCipher.hiddenSize(size) }) ?? size
            else {
                throw ApolloError(.corrupt, "the file \(id) of an object is missing, or is another")
            }
            let length = Int64(cipher == nil ? BlobFile.blockBytes : ContentCipher.chunkBytes)
            let index = Int(offset / length)
            let bytes = try await store.pool.run("read an object") {
                let block = try reader.block(index)
                return try cipher?.open(block, index) ?? block
            }
            let base = Int64(index) * length
            let last = min(end - base, Int64(bytes.count))
            if offset == base, last == bytes.count { return bytes }
            return Array(bytes[Int(offset - base)..<Int(last)])
        }
    }
}
