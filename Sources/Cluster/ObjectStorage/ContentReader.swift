import Checksums
import Concurrency
import Core
import ObjectModel

/// The bytes of an object, open to be read: they stay although the object is replaced meanwhile.
public final class ContentReader: Sendable {
    enum Piece: Sendable {
        case inline([UInt8])
        case file(BlobReader)

        var size: Int64 {
            switch self {
            case .inline(let bytes): Int64(bytes.count)
            case .file(let reader): reader.size
            }
        }
    }

    private let store: ObjectStore
    private let pieces: [Piece]
    public let size: Int64

    init(_ store: ObjectStore, _ pieces: [Piece]) {
        self.store = store
        self.pieces = pieces
        size = pieces.reduce(0) { $0 + $1.size }
    }

    /// Where the read block at `offset` ends: what is asked for at once should not reach beyond it.
    public func next(from offset: Int64, upTo end: Int64) async throws -> [UInt8] {
        var start: Int64 = 0
        for piece in pieces {
            guard offset >= start + piece.size else {
                let within = offset - start
                switch piece {
                case .inline(let bytes):
                    return Array(bytes[Int(within)..<Int(min(end - start, piece.size))])
                case .file(let reader):
                    let block = Int(within / Int64(BlobFile.blockBytes))
                    let bytes = try await store.pool.run("read an object") { try reader.block(block) }
                    let base = Int64(block) * Int64(BlobFile.blockBytes)
                    let last = min(end - start - base, Int64(bytes.count))
                    if within == base, last == bytes.count { return bytes }
                    return Array(bytes[Int(within - base)..<Int(last)])
                }
            }
            start += piece.size
        }
        throw ApolloError(.internal, "an object was read beyond its end")
    }
}
