import Cryptography
import HTTPModel
import Identity
import ObjectModel
import ObjectStorage
import S3Messages
import S3Signatures

extension ObjectServer {
    /// The most entries of a page.
    private static let largestPage = 1000

    func listObjects(_ call: S3Call) async throws -> HTTPResponse {
        let isSecond = call.operation == .listObjectsV2
        var (bucket, query, isEncoded, basis) = try await listing(
            call, from: isSecond ? "start-after" : "marker")
        let given = query.after
        let token = isSecond ? call.query["continuation-token"] : nil
        if let token, !token.isEmpty {
            guard let bytes = Base64URL.decode(token), !bytes.isEmpty, !bytes.contains(0),
                let after = String(validating: bytes, as: UTF8.self)
            else { throw S3Error(.invalidArgument, "The continuation token provided is incorrect") }
            query.after = after
        }
        let page = try await store.list(
            query, in: bucket.name, where: visible(call, bucket, basis, prefix: query.prefix))
        let request = ListDocuments.Request(
            bucket: bucket.name.text, query: query, isSecond: isSecond, isEncoded: isEncoded, given: given,
            token: token, hasOwner: !isSecond || call.query["fetch-owner"] == "true")
        return .xml(
            ListDocuments.objects(
                page, request, next: page.next.map { Base64URL.encode(Array($0.utf8)) },
                owner: S3Owner.id(bucket.createdBy),
                encode: { PercentEncoding.encode($0, keepsSlash: true) }))
    }

    /// What all listings ask for.
    ///
    /// - Parameter marker: the parameter with the place to begin at.
    func listing(
        _ call: S3Call, from marker: String
    ) async throws -> (bucket: BucketRecord, query: ListQuery, isEncoded: Bool, basis: Basis) {
        let bucket = try named(call)
        let prefix = call.query["prefix"] ?? ""
        let basis = try await authorize(
            call,
            AccessNeed(
                permission: .list, action: call.operation.action, list: call.operation.list, prefix: prefix),
            in: bucket)
        if let encoding = call.query["encoding-type"], encoding != "url" {
            throw S3Error(.invalidArgument, "Invalid Encoding Method specified in Request: \(encoding)")
        }
        let query = ListQuery(
            prefix: prefix, delimiter: call.query["delimiter"] ?? "", after: call.query[marker] ?? "",
            limit: try Self.limit(call.query["max-keys"]))
        guard !query.prefix.utf8.contains(0), !query.after.utf8.contains(0) else {
            throw S3Error(.invalidArgument, "No key has a NUL")
        }
        return (bucket, query, call.query["encoding-type"] == "url", basis)
    }

    private static func limit(_ text: String?) throws(S3Error) -> Int {
        guard let text, !text.isEmpty else { return largestPage }
        guard let number = Int(text), number >= 0, number <= Int32.max else {
            throw S3Error(.invalidArgument, "Provided max-keys not an integer or within integer range")
        }
        return min(number, largestPage)
    }
}
