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
        let (piece, part) = try find(offset, upTo: end)
        return try await read(piece, from: part.lowerBound, upTo: part.upperBound)
    }

    /// The piece of the object that `offset` is in, and what of it there is from there up to `end`.
    private func find(_ offset: Int64, upTo end: Int64) throws -> (Piece, Range<Int64>) {
        var start: Int64 = 0
        for piece in pieces {
            if offset < start + piece.size { return (piece, offset - start..<min(end - start, piece.size)) }
            start += piece.size
        }
        throw ApolloError(.internal, "an object was read beyond its end")
    }

    /// The same as ``next(from:upTo:)``, but for bytes that are in a file as they are: these stay there, and are checked there.
    ///
    /// - Parameter isChecked: false where whoever gets the bytes checks them all: then of a file more come at once.
    public func nextPart(
        from offset: Int64, upTo end: Int64, isChecked: Bool = true
    ) async throws -> ContentPart {
        let (piece, part) = try find(offset, upTo: end)
        guard case .file(let id, let size, nil) = piece else {
            return .bytes(try await read(piece, from: part.lowerBound, upTo: part.upperBound))
        }
        let reader = try await reader(id, size)
        let length = isChecked ? Int64(BlobFile.blockBytes) : Self.uncheckedBytes
        let index = part.lowerBound / length
        let range = part.lowerBound..<min(part.upperBound, (index + 1) * length)
        if isChecked {
            try await store.pool.run("check an object") { try reader.verify(Int(index)) }
        } else {
            try await store.pool.run("fetch an object") { try reader.fetch(range) }
        }
        return .file(reader, range)
    }

    private static let uncheckedBytes: Int64 = 4 << 20

    /// Gives the bytes of `range`, in parts, to `take`, the first of which was read already: the next is read while one is taken.
    public func forEachPart(
        of range: Range<Int64>, beginningWith first: ContentPart, isChecked: Bool = true,
        _ take: (ContentPart) async throws -> Void
    ) async throws {
        try await forEach(
            of: range, first, { $0.count },
            { try await self.nextPart(from: $0, upTo: $1, isChecked: isChecked) }, take)
    }

    /// The same as bytes.
    public func forEachPiece(
        of range: Range<Int64>, beginningWith first: [UInt8], _ take: ([UInt8]) async throws -> Void
    ) async throws {
        try await forEach(of: range, first, { $0.count }, next, take)
    }

    private func forEach<Part: Sendable>(
        of range: Range<Int64>, _ first: Part, _ count: (Part) -> Int,
        _ next: @escaping @Sendable (Int64, Int64) async throws -> Part, _ take: (Part) async throws -> Void
    ) async throws {
        var (part, offset) = (first, range.lowerBound)
        while true {
            offset += Int64(count(part))
            guard offset < range.upperBound else { return try await take(part) }
            let start = offset
            async let following = next(start, range.upperBound)
            try await take(part)
            part = try await following
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

    private func reader(_ id: ContentID, _ size: Int64) async throws -> BlobReader {
        guard let reader = try await open(id), reader.size == size else {
            throw ApolloError(.corrupt, "the file \(id) of an object is missing, or is another")
        }
        return reader
    }

    private func read(_ piece: Piece, from offset: Int64, upTo end: Int64) async throws -> [UInt8] {
        switch piece {
        case .inline(let bytes): return Array(bytes[Int(offset)..<Int(end)])
        case .file(let id, let size, let cipher):
            let reader = try await reader(id, cipher.map { _ in ContentCipher.hiddenSize(size) } ?? size)
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
