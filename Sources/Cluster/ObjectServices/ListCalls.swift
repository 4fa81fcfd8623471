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
        let bucket = try store.bucket(call.bucketName())
        let isSecond = call.operation == .listObjectsV2
        let prefix = call.query["prefix"] ?? ""
        try call.caller.require(
            .list, on: try BlobResource.prefix(prefix, bucket.name, in: bucket.project))
        let limit = try Self.limit(call.query["max-keys"])
        let isEncoded = call.query["encoding-type"] == "url"
        if let encoding = call.query["encoding-type"], encoding != "url" {
            throw S3Error(.invalidArgument, "Invalid Encoding Method specified in Request: \(encoding)")
        }
        let given = call.query[isSecond ? "start-after" : "marker"] ?? ""
        var query = ListQuery(
            prefix: prefix, delimiter: call.query["delimiter"] ?? "", after: given, limit: limit)
        let token = isSecond ? call.query["continuation-token"] : nil
        if let token {
            guard let bytes = Base64URL.decode(token), !bytes.isEmpty,
                let after = String(validating: bytes, as: UTF8.self)
            else { throw S3Error(.invalidArgument, "The continuation token provided is incorrect") }
            query.after = after
        }
        guard !query.prefix.utf8.contains(0), !query.after.utf8.contains(0) else {
            throw S3Error(.invalidArgument, "No key has a NUL")
        }
        let caller = call.caller
        let page = try await store.list(query, in: bucket.name) { key in
            // Of a bucket whose URI cannot be written down nobody has a right.
            let resource = try? BlobResource.object(key.text, bucket.name, in: bucket.project)
            return resource.map { caller.may(.list, on: $0) } ?? false
        }
        let request = ListDocuments.Request(
            bucket: bucket.name.text, query: query, isSecond: isSecond, isEncoded: isEncoded, given: given,
            token: token, hasOwner: !isSecond || call.query["fetch-owner"] == "true")
        return .xml(
            ListDocuments.objects(
                page, request, next: page.next.map { Base64URL.encode(Array($0.utf8)) },
                owner: bucket.project, encode: { PercentEncoding.encode($0, keepsSlash: true) }))
    }

    private static func limit(_ text: String?) throws(S3Error) -> Int {
        guard let text, !text.isEmpty else { return largestPage }
        guard let number = Int(text), number >= 0, number <= Int32.max else {
            throw S3Error(.invalidArgument, "Provided max-keys not an integer or within integer range")
        }
        return min(number, largestPage)
    }
}
