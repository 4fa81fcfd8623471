import Concurrency
import Core
import Cryptography
import Glibc
import HTTPClients
import ObjectClients

/// Sends a large file in parts, several at a time, each held against the tag that the store has for it.
struct BlobPartUpload: Sendable {
    /// From so many bytes on.
    static let threshold: Int64 = 64 << 20
    private static let parallel = 4
    private static let leastPart: Int64 = 16 << 20
    private static let mostParts: Int64 = 10_000
    private static let unit: Int64 = 1 << 20

    let client: ObjectClient
    let path: String
    let object: BlobPlace.Object
    let size: Int64
    let pool: BlockingPool
    let progress: @Sendable (Int64) -> Void

    /// As large as it takes for a file of any size to have no more parts than there may be.
    private var partSize: Int64 {
        let least = (size + Self.mostParts - 1) / Self.mostParts
        return max(Self.leastPart, (least + Self.unit - 1) / Self.unit * Self.unit)
    }

    func run() async throws {
        let upload = try await client.beginUpload(object.bucket, object.key)
        do {
            let parts = try await send(upload)
            let tags = parts.flatMap { Hex.decode($0.tag) ?? [] }
            let expected = "\(Hex.encode(MessageDigest.hash(tags, .md5)))-\(parts.count)"
            let tag = try await client.completeUpload(object.bucket, object.key, upload: upload, parts)
            guard tag == expected else {
                throw ApolloError(
                    .corrupt, "\(object.text.printable) is not stored as it was sent", hint: "try again")
            }
        } catch {
            // What was sent would take room for nothing; where this fails too the store gives it up by itself.
            try? await client.abortUpload(object.bucket, object.key, upload: upload)
            throw error
        }
    }

    private func send(_ upload: String) async throws -> [UploadedPart] {
        let count = Int((size + partSize - 1) / partSize)
        return try await withThrowingTaskGroup(of: UploadedPart.self) { group in
            var parts: [UploadedPart] = []
            for number in 1...count {
                if number > Self.parallel, let part = try await group.next() { parts.append(part) }
                group.addTask { try await send(number, of: upload) }
            }
            for try await part in group { parts.append(part) }
            return parts.sorted { $0.number < $1.number }
        }
    }

    private func send(_ number: Int, of upload: String) async throws -> UploadedPart {
        let start = Int64(number - 1) * partSize
        let tally = BlobTransfer.Tally()
        let body = try FileBody(path, pool: pool, range: start..<min(start + partSize, size)) { piece in
            tally.add(piece)
            progress(Int64(piece.count))
        }
        let part = try await client.uploadPart(
            object.bucket, object.key, upload: upload, number: number, .stream(body, length: body.size))
        guard tally.finish() == part.tag else {
            throw ApolloError(
                .corrupt, "part \(number) of \(object.text.printable) is not stored as it was sent",
                hint: "was \(path.printable) changed meanwhile? try again")
        }
        return part
    }
}
