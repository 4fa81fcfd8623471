import Checksums
import Concurrency
import Core
import Cryptography
import HTTPModel
import ObjectClients
import ObjectModel
import Synchronization

/// Receives a large object in ranges, several at a time, of one version of it. What breaks off is gone on with by who wants the same
/// object in the same file: parts that are there as they came are kept.
struct PartDownload: Sendable {
    private let transfers: Transfers
    private let object: ObjectPlace.Object
    private let known: ObjectDescription
    private let path: String
    private let modified: Timestamp?
    private let plan: PartPlan
    private let progress: @Sendable (Int64) -> Void

    init(
        _ transfers: Transfers, _ object: ObjectPlace.Object, _ known: ObjectDescription,
        _ path: String,
        modified: Timestamp?, progress: @escaping @Sendable (Int64) -> Void
    ) {
        self.transfers = transfers
        self.object = object
        self.known = known
        self.path = path
        self.modified = modified
        plan = PartPlan(size: known.size)
        self.progress = progress
    }

    func run() async throws {
        let journal = try transfers.journals?.open([
            "download", transfers.client.endpoint.address, object.text, LocalPath.absolute(path),
        ])
        let target = try FileTarget(path, mark: journal?.mark, transfers.environment)
        let there = try await begun(journal, target)
        let parts = try await withThrowingTaskGroup(of: (number: Int, checksum: UInt32).self) { group in
            var parts = there
            var running = 0
            for number in 1...plan.count where there[number] == nil {
                if running >= transfers.permits.count, let part = try await group.next() {
                    parts[part.number] = part.checksum
                    running -= 1
                }
                group.addTask { (number, try await receive(number, target, journal)) }
                running += 1
            }
            for try await part in group { parts[part.number] = part.checksum }
            return parts
        }
        guard try await isWhole(parts, target) else {
            // None of it can be told to be right.
            target.discard()
            journal?.end()
            throw ApolloError(
                .corrupt, "\(object.text.printable) did not come as it is stored", hint: "try again")
        }
        try target.finish(modified: modified)
        journal?.end()
    }

    /// The parts that are there, with the CRC-32C of each.
    private func begun(_ journal: TransferJournal?, _ target: FileTarget) async throws -> [Int: UInt32] {
        // A version has no blanks, as the record wants it.
        let version = String(known.tag.filter { !$0.isWhitespace })
        let subject = TransferRecord.Subject(size: plan.size, partSize: plan.partSize, version: version)
        var record = try journal?.read()
        if record?.subject != subject { record = nil }
        var kept = TransferRecord(subject, upload: "")
        for (number, checksum) in record?.parts ?? [:] where (1...plan.count).contains(number) {
            let range = plan.range(number)
            let found = try await transfers.pool.run("check a file") {
                try Self.checksum(of: range, target)
            }
            guard found == checksum else { continue }
            kept.parts[number] = checksum
            progress(range.upperBound - range.lowerBound)
        }
        if kept.parts.isEmpty { try target.clear() }
        try journal?.begin(kept)
        return kept.parts
    }

    /// Nil where the file is shorter.
    private static func checksum(
        of range: Range<Int64>, _ target: FileTarget
    ) throws(ApolloError) -> UInt32? {
        let checksum = PartChecksum()
        do throws(ApolloError) {
            try LocalFiles.forEachPiece(of: range, from: target.descriptor, target.path, checksum.update)
        } catch {
            guard error.kind == .conflict else { throw error }
            return nil
        }
        return checksum.value
    }

    /// Returns the CRC-32C of the part.
    private func receive(
        _ number: Int, _ target: FileTarget, _ journal: TransferJournal?
    ) async throws -> UInt32 {
        let checksum = PartChecksum()
        try await transfers.permits.withPermit {
            try await transfers.fetch(object, known.tag, plan.range(number)) { offset, piece in
                checksum.update(piece)
                try await transfers.pool.run("write a file") { try target.write(piece, at: offset) }
                progress(Int64(piece.count))
            }
        }
        try journal?.add(number, checksum.value)
        return checksum.value
    }

    /// Whether what came has the checksum that the store has for all of it. Where it has none, each piece of the way has its own.
    ///
    /// - Parameter parts: the CRC-32C of each.
    private func isWhole(_ parts: [Int: UInt32], _ target: FileTarget) async throws -> Bool {
        let (checksum, tag) = (known.checksum, known.tag)
        if let checksum, checksum.algorithm == .crc32c {
            // Of what came: nothing is read again.
            let whole = parts.sorted { $0.key < $1.key }.reduce(UInt32(0)) { whole, part in
                let range = plan.range(part.key)
                return CRC32.combined(
                    whole, part.value, count: range.upperBound - range.lowerBound, .castagnoli)
            }
            return ObjectChecksum.text(whole) == checksum.value
        }
        guard checksum != nil || Transfers.isDigest(tag) else { return true }
        return try await transfers.pool.run("hash a file") { [plan] in
            let hash = ContentHash(checksum?.algorithm)
            try LocalFiles.forEachPiece(
                of: 0..<plan.size, from: target.descriptor, target.path, hash.update)
            return hash.finish() == checksum?.value ?? tag
        }
    }
}

/// That of a part, as it comes.
private final class PartChecksum: Sendable {
    private let crc = Mutex(CRC32(.castagnoli))

    func update(_ piece: [UInt8]) { crc.withLock { $0.update(piece) } }

    var value: UInt32 { crc.withLock(\.value) }
}

/// A checksum as S3 writes it: of one of its algorithms in base 64, or MD5 in hexadecimal.
private final class ContentHash {
    private var crc: CRC32?
    private var crc64: CRC64?
    private let digest: MessageDigest?
    private let isTag: Bool

    init(_ algorithm: ObjectChecksum.Algorithm?) {
        isTag = algorithm == nil
        switch algorithm {
        case nil: digest = MessageDigest(.md5)
        case .sha1: digest = MessageDigest(.sha1)
        case .sha256: digest = MessageDigest(.sha256)
        case .crc32:
            digest = nil
            crc = CRC32(.iso)
        case .crc32c:
            digest = nil
            crc = CRC32(.castagnoli)
        case .crc64nvme:
            digest = nil
            crc64 = CRC64()
        }
    }

    func update(_ bytes: [UInt8]) {
        digest?.update(bytes)
        crc?.update(bytes)
        crc64?.update(bytes)
    }

    func finish() -> String {
        if let crc { return ObjectChecksum.text(crc.value) }
        if let crc64 { return ObjectChecksum.text(crc64.value) }
        let bytes = digest?.finalize() ?? []
        return isTag ? Hex.encode(bytes) : Base64.encode(bytes)
    }
}
