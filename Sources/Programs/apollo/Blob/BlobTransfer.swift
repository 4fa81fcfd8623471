import Concurrency
import Core
import Cryptography
import HTTPClients
import HTTPModel
import ObjectClients
import Synchronization

/// Copies between files and the store, each held against the tag that the store has for it.
enum BlobTransfer {
    /// The MD5 of what passed by, which is the tag of an object that came in one piece.
    final class Tally: Sendable {
        private let digest = Mutex(MessageDigest(.md5))
        private let count = Mutex<Int64>(0)

        func add(_ piece: [UInt8]) {
            digest.withLock { $0.update(piece) }
            count.withLock { $0 += Int64(piece.count) }
        }

        var bytes: Int64 { count.withLock(\.self) }

        func finish() -> String { Hex.encode(digest.withLock { $0.finalize() }) }
    }

    /// Whether a tag is the MD5 of the bytes: those of uploads in parts, and of stores that encrypt, are not.
    private static func isDigest(_ tag: String) -> Bool { Hex.decode(tag)?.count == 16 }

    /// Gives an object's bytes to `take`, in order.
    static func read(
        _ client: ObjectClient, _ object: BlobPlace.Object, _ take: ([UInt8]) async throws -> Void
    ) async throws {
        let (known, body) = try await client.get(object.bucket, object.key)
        let tally = Tally()
        do {
            while let piece = try await body.next() {
                tally.add(piece)
                try await take(piece)
            }
        } catch let error as HTTPClientError {
            throw error.asApolloError
        }
        guard !isDigest(known.tag) || tally.finish() == known.tag else {
            throw ApolloError(
                .corrupt, "\(object.text.printable) did not come as it is stored", hint: "try again")
        }
    }

    static func upload(
        _ client: ObjectClient, _ path: String, to object: BlobPlace.Object, pool: BlockingPool,
        progress: @escaping @Sendable (Int64) -> Void
    ) async throws {
        let tally = Tally()
        let body = try FileBody(path, pool: pool) { piece in
            tally.add(piece)
            progress(Int64(piece.count))
        }
        let size = body.size
        guard size < BlobPartUpload.threshold else {
            return try await BlobPartUpload(
                client: client, path: path, object: object, size: size, pool: pool, progress: progress
            ).run()
        }
        let tag = try await client.put(
            object.bucket, object.key, size == 0 ? .bytes([]) : .stream(body, length: size))
        guard !isDigest(tag) || tally.finish() == tag else {
            throw ApolloError(
                .corrupt, "\(object.text.printable) is not stored as it was sent",
                hint: "was \(path.printable) changed meanwhile? try again")
        }
    }

    static func download(
        _ client: ObjectClient, _ object: BlobPlace.Object, to path: String, pool: BlockingPool,
        progress: @escaping @Sendable (Int64) -> Void
    ) async throws {
        let target = try FileTarget(path, .live)
        try await read(client, object) { piece in
            try await pool.run("write a file") { try target.write(piece) }
            progress(Int64(piece.count))
        }
        try target.finish()
    }
}
