import Checksums
import Cryptography
import HTTPModel
import ObjectModel
import S3Messages

/// What is computed of an object while it comes in, and held against what its client says.
struct UploadDigests {
    private let md5 = MessageDigest(.md5)
    private let contentMD5: [UInt8]?
    /// The checksum that the client names, and its value where it stands in the head.
    private let algorithm: ObjectChecksum.Algorithm?
    private let given: String?
    private var crc: CRC32?
    private let hash: MessageDigest?

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
        switch algorithm {
        case .crc32: (crc, hash) = (CRC32(.iso), nil)
        case .crc32c: (crc, hash) = (CRC32(.castagnoli), nil)
        case .sha1: (crc, hash) = (nil, MessageDigest(.sha1))
        case .sha256: (crc, hash) = (nil, MessageDigest(.sha256))
        case nil: (crc, hash) = (nil, nil)
        }
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
            throw S3Error(.invalidRequest, "Value for \(algorithm.field) header is invalid.")
        }
    }

    mutating func update(_ piece: [UInt8]) {
        md5.update(piece)
        crc?.update(piece)
        hash?.update(piece)
    }

    /// - Parameter trailer: the fields behind the body.
    func finish(trailer: HTTPFields) throws(S3Error) -> Result {
        let digest = md5.finalize()
        if let contentMD5, contentMD5 != digest {
            throw S3Error(.badDigest, "The Content-MD5 you specified did not match what we received.")
        }
        guard let algorithm else { return Result(md5: Hex.encode(digest), checksum: nil) }
        let bytes = hash?.finalize() ?? withUnsafeBytes(of: (crc?.value ?? 0).bigEndian) { Array($0) }
        let value = Base64.encode(bytes)
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
        let sum = checksum(Array(sums.joined()), algorithm)
        return (tag, ObjectChecksum(algorithm, "\(Base64.encode(sum))-\(parts.count)"))
    }

    private static func checksum(_ bytes: [UInt8], _ algorithm: ObjectChecksum.Algorithm) -> [UInt8] {
        let crc: UInt32
        switch algorithm {
        case .sha1: return MessageDigest.hash(bytes, .sha1)
        case .sha256: return MessageDigest.hash(bytes, .sha256)
        case .crc32: crc = CRC32.checksum(bytes, .iso)
        case .crc32c: crc = CRC32.checksum(bytes, .castagnoli)
        }
        return withUnsafeBytes(of: crc.bigEndian) { Array($0) }
    }
}
