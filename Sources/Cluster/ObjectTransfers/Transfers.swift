import Concurrency
public import Core
import HTTPClients
public import HTTPModel
public import ObjectClients

/// Copies between files and a store, several at a time, each held against the tag that the store has for it.
public struct Transfers: Sendable {
    public let client: ObjectClient
    let pool: BlockingPool
    /// One for each body under way, of a part or of a whole.
    let permits: Permits
    /// Nil where what breaks off is begun anew.
    let journals: TransferJournals?
    let environment: Environment
    let threshold: Int64

    /// - Parameters:
    ///   - parallel: how many bodies are under way at once.
    ///   - threshold: what is this large is cut into parts.
    public init(
        _ client: ObjectClient, parallel: Int, journals: TransferJournals?, environment: Environment,
        threshold: Int64 = PartPlan.threshold
    ) {
        self.client = client
        pool = BlockingPool(name: "files")
        permits = Permits(parallel)
        self.journals = journals
        self.environment = environment
        self.threshold = threshold
    }

    /// Whether a tag is the MD5 of the bytes: those of uploads in parts, and of stores that encrypt, are not.
    static func isDigest(_ tag: String) -> Bool {
        tag.utf8.count == 32 && tag.utf8.allSatisfy { (48...57).contains($0) || (97...102).contains($0) }
    }

    // MARK: Reading

    /// Gives an object's bytes to `take`, in order, and goes on where the connection breaks off.
    public func read(
        _ object: ObjectPlace.Object, _ take: ([UInt8]) async throws -> Void
    ) async throws {
        let watch = TransferWatch { _ in }
        let (known, body) = try await client.get(object.bucket, object.key)
        try await fetch(object, known.tag, 0..<known.size, from: body) { _, piece in
            watch.add(piece)
            try await take(piece)
        }
        guard !Self.isDigest(known.tag) || watch.finish() == known.tag else {
            throw ApolloError(
                .corrupt, "\(object.text.printable) did not come as it is stored", hint: "try again")
        }
    }

    /// Gives the bytes of a range to `take`, each piece with its place, in order.
    ///
    /// - Parameter body: that of an answer which begins with the range; nil to ask for it.
    func fetch(
        _ object: ObjectPlace.Object, _ tag: String, _ range: Range<Int64>,
        from body: (any HTTPBodyReader)? = nil,
        _ take: (Int64, [UInt8]) async throws -> Void
    ) async throws {
        var offset = range.lowerBound
        var backoff = Backoff(base: .milliseconds(200), cap: .seconds(5), limit: 4)
        var body = body
        while offset < range.upperBound {
            let start = offset
            do {
                let reader: any HTTPBodyReader
                if let body {
                    reader = body
                } else {
                    reader = try await client.get(
                        object.bucket, object.key, range: offset..<range.upperBound,
                        ifTag: tag.isEmpty ? nil : tag
                    ).1
                }
                body = nil
                while let piece = try await reader.next() {
                    let room = range.upperBound - offset
                    guard Int64(piece.count) <= room else {
                        throw ApolloError(.corrupt, "\(object.text.printable) is longer than the store says")
                    }
                    try await take(offset, piece)
                    offset += Int64(piece.count)
                    backoff.reset()
                }
                // Else it would be asked again at once, and for ever.
                guard offset > start else {
                    throw ApolloError(.corrupt, "\(object.text.printable) is shorter than the store says")
                }
            } catch let error as HTTPClientError {
                guard Self.mayPass(error), let wait = backoff.next(random: environment.random) else {
                    throw error.asApolloError
                }
                try await environment.clock.sleep(for: wait)
            } catch let error as ApolloError where error.kind == .conflict {
                throw ApolloError(
                    .conflict, "\(object.text.printable) was replaced while it was read", hint: "try again")
            }
        }
    }

    private static func mayPass(_ error: HTTPClientError) -> Bool {
        switch error {
        case .disconnected, .timedOut(.idle, _, _): true
        default: false
        }
    }

    // MARK: Copies

    /// Stores a file, and returns the object's tag.
    ///
    /// - Parameters:
    ///   - fields: content fields, and metadata.
    ///   - progress: told how many bytes more there are.
    @discardableResult
    public func upload(
        _ path: String, to object: ObjectPlace.Object, fields: HTTPFields = HTTPFields(),
        progress: @escaping @Sendable (Int64) -> Void
    ) async throws -> String {
        let source = try FileSource(path, pool: pool)
        let size = source.status.size
        guard size < threshold || size == 0 else {
            return try await PartUpload(self, source, object, fields, progress: progress).run()
        }
        let watch = TransferWatch(progress, hashing: !client.sendsChecksums)
        let stored = try await permits.withPermit {
            try await client.put(
                object.bucket, object.key, .reader(length: size) { source.reader(0..<size, watch) },
                fields: fields)
        }
        guard try source.isUnchanged else {
            throw ApolloError(.conflict, "\(path.printable) was changed while it was sent", hint: "try again")
        }
        guard try await isSame(stored.tag, stored.isVerified, watch, source, 0..<size) else {
            throw ApolloError(
                .corrupt, "\(object.text.printable) is not stored as it was sent", hint: "try again")
        }
        return stored.tag
    }

    /// Whether what the store says of what was sent fits, as far as that can be known.
    ///
    /// - Parameter isVerified: whether it was held against a checksum already.
    func isSame(
        _ tag: String, _ isVerified: Bool, _ watch: TransferWatch, _ source: FileSource, _ range: Range<Int64>
    ) async throws -> Bool {
        guard !isVerified, Self.isDigest(tag) else { return true }
        // Of a store that took the checksum and says nothing of it: the tag was not computed while the bytes went by.
        guard let digest = watch.finish() else { return try await source.digest(range) == tag }
        return digest == tag
    }

    /// Stores an object in a file, which has its name when it is whole.
    ///
    /// - Parameters:
    ///   - modified: when the file is held to have been written; now unless said.
    ///   - progress: told how many bytes more there are.
    public func download(
        _ object: ObjectPlace.Object, to path: String, modified: Timestamp? = nil,
        progress: @escaping @Sendable (Int64) -> Void
    ) async throws {
        let large: ObjectDescription? = try await permits.withPermit {
            let (known, body) = try await client.get(object.bucket, object.key)
            // What is large comes in parts: this connection is let go of.
            guard known.size < threshold || known.size == 0 else { return known }
            try await receive(object, known, body, path, modified: modified, progress)
            return nil
        }
        guard let large else { return }
        try await PartDownload(self, object, large, path, modified: modified, progress: progress).run()
    }

    private func receive(
        _ object: ObjectPlace.Object, _ known: ObjectDescription, _ body: (any HTTPBodyReader)?,
        _ path: String, modified: Timestamp?, _ progress: @escaping @Sendable (Int64) -> Void
    ) async throws {
        let watch = TransferWatch(progress)
        let target = try FileTarget(path, mark: nil, environment)
        try await fetch(object, known.tag, 0..<known.size, from: body) { offset, piece in
            try await pool.run("write a file") { try target.write(piece, at: offset) }
            watch.add(piece)
        }
        guard !Self.isDigest(known.tag) || watch.finish() == known.tag else {
            throw ApolloError(
                .corrupt, "\(object.text.printable) did not come as it is stored", hint: "try again")
        }
        try target.finish(modified: modified)
    }
}
