import Checksums
import Cryptography
import HTTPModel
import LaneDigests
import ObjectModel
import S3Messages
import Synchronization

/// What is computed of an object while it comes in, and held against what its client says. One piece at a time, on whatever thread.
final class UploadDigests: Sendable {
    private let contentMD5: [UInt8]?
    /// The checksum that the client names, and its value where it stands in the head.
    private let algorithm: ObjectChecksum.Algorithm?
    private let given: String?
    private let sum: Mutex<Sum?>
    /// What the object's tag is made of.
    let md5 = MD5Stream()

    /// A checksum that grows with the bytes.
    private enum Sum {
        case crc32(CRC32)
        case crc64(CRC64)
        case hash(MessageDigest)

        init(_ algorithm: ObjectChecksum.Algorithm) {
            switch algorithm {
            case .crc32: self = .crc32(CRC32(.iso))
            case .crc32c: self = .crc32(CRC32(.castagnoli))
            case .crc64nvme: self = .crc64(CRC64())
            case .sha1: self = .hash(MessageDigest(.sha1))
            case .sha256: self = .hash(MessageDigest(.sha256))
            }
        }

        mutating func update(_ bytes: [UInt8]) {
            switch self {
            case .crc32(var crc):
                crc.update(bytes)
                self = .crc32(crc)
            case .crc64(var crc):
                crc.update(bytes)
                self = .crc64(crc)
            case .hash(let hash): hash.update(bytes)
            }
        }

        func finish() -> [UInt8] {
            switch self {
            case .crc32(let crc): UploadDigests.bytes(crc.value)
            case .crc64(let crc): UploadDigests.bytes(crc.value)
            case .hash(let hash): hash.finalize()
            }
        }
    }

    /// What of an upload is kept.
    struct Result {
        /// In hexadecimal.
        var md5: String
        var checksum: ObjectChecksum?
    }

    /// - Parameter other: the checksum that is computed where the client names none.
    init(_ fields: HTTPFields, algorithm other: ObjectChecksum.Algorithm? = nil) throws(S3Error) {
        if let text = fields["Content-MD5"] {
            guard let bytes = Base64.decode(text), bytes.count == 16 else {
                throw S3Error(.invalidDigest, "The Content-MD5 you specified was invalid.")
            }
            contentMD5 = bytes
        } else {
            contentMD5 = nil
        }
        try Self.refuseOthers(fields)
        let inHead = ObjectChecksum.Algorithm.allCases.filter { fields.contains($0.field) }
        guard inHead.count <= 1 else {
            throw S3Error(
                .invalidRequest,
                "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed."
            )
        }
        let announced = fields["x-amz-trailer"].flatMap { name in
            ObjectChecksum.Algorithm.allCases.first { $0.field == name.lowercased() }
        }
        let named = fields["x-amz-sdk-checksum-algorithm"].flatMap {
            ObjectChecksum.Algorithm(rawValue: $0.uppercased())
        }
        algorithm = inHead.first ?? announced ?? named ?? other
        given = inHead.first.flatMap { fields[$0.field] }
        if let algorithm, let given { try Self.check(algorithm, given) }
        sum = Mutex(algorithm.map { Sum($0) })
    }

    /// A checksum that is not known here cannot be held against anything.
    private static func refuseOthers(_ fields: HTTPFields) throws(S3Error) {
        let prefix = "x-amz-checksum-"
        let known =
            ObjectChecksum.Algorithm.allCases.map(\.field)
            + ["algorithm", "mode", "type"].map { prefix + $0 }
        for line in fields.lines {
            let name = line.name.lowercased()
            guard name.hasPrefix(prefix), !known.contains(name) else { continue }
            throw S3Error(.notImplemented, "The checksum \(name) is not implemented.")
        }
    }

    private static func check(_ algorithm: ObjectChecksum.Algorithm, _ value: String) throws(S3Error) {
        guard Base64.decode(value)?.count == algorithm.byteCount else {
            throw S3Error(.badDigest, "Value for \(algorithm.field) header is invalid.")
        }
    }

    /// Takes the next bytes but for the tag; nil where there is no other checksum.
    var observer: (@Sendable ([UInt8]) -> Void)? {
        guard algorithm != nil else { return nil }
        return { [self] piece in sum.withLock { $0?.update(piece) } }
    }

    /// Takes bytes that are few.
    func update(_ bytes: [UInt8]) {
        md5.update(bytes)
        observer?(bytes)
    }

    /// Once, when all came.
    ///
    /// - Parameter trailer: the fields behind the body.
    func finish(trailer: HTTPFields) throws(S3Error) -> Result {
        let (digest, sum) = (md5.digest(), sum.withLock { $0?.finish() })
        if let contentMD5, contentMD5 != digest {
            throw S3Error(.badDigest, "The Content-MD5 you specified did not match what we received.")
        }
        guard let algorithm, let sum else { return Result(md5: Hex.encode(digest), checksum: nil) }
        let value = Base64.encode(sum)
        let expected = given ?? trailer[algorithm.field]
        if let expected {
            try Self.check(algorithm, expected)
            guard expected == value else {
                throw S3Error(
                    .badDigest,
                    "The \(algorithm.rawValue) you specified did not match the calculated checksum.")
            }
        }
        return Result(md5: Hex.encode(digest), checksum: ObjectChecksum(algorithm, value))
    }

    /// The tag and the checksum of an object that came in parts: those of the parts', one after the other.
    static func composite(
        _ upload: UploadRecord, _ parts: [PartRecord]
    ) -> (tag: String, checksum: ObjectChecksum?) {
        let tags = parts.flatMap { Hex.decode($0.tag) ?? [] }
        let tag = "\(Hex.encode(MessageDigest.hash(tags, .md5)))-\(parts.count)"
        let sums = parts.compactMap { $0.checksum.flatMap { Base64.decode($0) } }
        guard let algorithm = upload.algorithm, sums.count == parts.count else { return (tag, nil) }
        guard upload.kind == .composite else {
            let whole = whole(zip(sums, parts).map { ($0, $1.size) }, algorithm)
            return (tag, ObjectChecksum(algorithm, Base64.encode(whole)))
        }
        var sum = Sum(algorithm)
        sum.update(Array(sums.joined()))
        return (tag, ObjectChecksum(algorithm, "\(Base64.encode(sum.finish()))-\(parts.count)"))
    }

    /// The checksum of a whole, of those of its parts.
    private static func whole(
        _ parts: [(sum: [UInt8], size: Int64)], _ algorithm: ObjectChecksum.Algorithm
    ) -> [UInt8] {
        let sums = parts.map { part in
            (value: part.sum.reduce(UInt64(0)) { $0 << 8 | UInt64($1) }, size: part.size)
        }
        if algorithm == .crc64nvme {
            return bytes(sums.reduce(UInt64(0)) { CRC64.combined($0, $1.value, count: $1.size) })
        }
        let polynomial: CRC32.Polynomial = algorithm == .crc32 ? .iso : .castagnoli
        return bytes(
            sums.reduce(UInt32(0)) {
                CRC32.combined($0, UInt32(truncatingIfNeeded: $1.value), count: $1.size, polynomial)
            })
    }

    /// Holds the checksum of a whole upload against what the request to put it together says.
    static func check(_ checksum: ObjectChecksum?, _ fields: HTTPFields) throws(S3Error) {
        try refuseOthers(fields)
        for algorithm in ObjectChecksum.Algorithm.allCases {
            guard let given = fields[algorithm.field] else { continue }
            guard let checksum, checksum.algorithm == algorithm, checksum.value == given else {
                throw S3Error(
                    .badDigest,
                    "The \(algorithm.rawValue) you specified did not match the calculated checksum.")
            }
        }
    }

    private static func bytes(_ value: some FixedWidthInteger) -> [UInt8] {
        withUnsafeBytes(of: value.bigEndian) { Array($0) }
    }
}
