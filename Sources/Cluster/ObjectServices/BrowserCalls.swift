import HTTPModel
import Identity
import ObjectModel
import ObjectStorage
import S3Messages

// What browsers ask before they send what a page from elsewhere wants, and what they are told with the answer.
extension ObjectServer {
    func bucketCORS(_ call: S3Call) async throws -> HTTPResponse {
        let bucket = try await bucket(call, call.operation == .getBucketCORS ? .list : .write)
        switch call.operation {
        case .putBucketCORS:
            let rules = try CORSDocument.read(try await call.document())
            try await store.updateBucket(bucket.name) { $0.cors = rules }
            return HTTPResponse(.ok)
        case .deleteBucketCORS:
            try await store.updateBucket(bucket.name) { $0.cors = nil }
            return HTTPResponse(.noContent)
        default:
            guard let rules = bucket.settings.cors else {
                throw S3Error(.noSuchCORSConfiguration, "The CORS configuration does not exist")
            }
            return .xml(CORSDocument.document(rules))
        }
    }

    /// Answers whether a page may send what it is about to. It is not signed: what it tells is what the rules say.
    func preflight(_ request: HTTPRequest, _ address: S3Address) throws -> HTTPResponse {
        guard let origin = request.fields["Origin"] else {
            throw S3Error(.invalidRequest, "Insufficient information. Origin request header needed.")
        }
        guard let method = request.fields["Access-Control-Request-Method"],
            CORSRule.methods.contains(method)
        else {
            throw S3Error(.invalidRequest, "Invalid Access-Control-Request-Method")
        }
        let names = (request.fields["Access-Control-Request-Headers"] ?? "").split(separator: ",")
            .map { $0.filter { $0 != " " && $0 != "\t" } }.filter { !$0.isEmpty }
        let rules =
            address.bucket.flatMap { BucketName(parsing: $0) }
            .flatMap { try? store.bucket($0) }?.settings.cors ?? []  // What is not there allows nothing.
        guard let rule = rules.first(where: { $0.allows(origin: origin, method: method, headers: names) })
        else {
            throw S3Error(
                .accessDenied,
                "This CORS request is not allowed: no rule of the bucket is for its origin, method and fields."
            )
        }
        var fields = HTTPFields()
        Self.tell(rule, origin, &fields)
        if !names.isEmpty { fields["Access-Control-Allow-Headers"] = names.joined(separator: ", ") }
        if let age = rule.maximumAge { fields["Access-Control-Max-Age"] = "\(age)" }
        return HTTPResponse(.ok, fields: fields)
    }

    /// Tells a browser, with the answer to a page's request, whether the page may see it.
    func tellBrowser(_ request: HTTPRequest, _ address: S3Address?, _ fields: inout HTTPFields) {
        guard let origin = request.fields["Origin"], request.method != .options,
            let name = address?.bucket.flatMap({ BucketName(parsing: $0) }),
            let rules = (try? store.bucket(name))?.settings.cors  // What is not there allows nothing.
        else { return }
        let method = request.fields["Access-Control-Request-Method"] ?? request.method.rawValue
        guard let rule = rules.first(where: { $0.allows(origin: origin, method: method) })
        else { return }
        Self.tell(rule, origin, &fields)
    }

    private static func tell(_ rule: CORSRule, _ origin: String, _ fields: inout HTTPFields) {
        fields["Access-Control-Allow-Origin"] = rule.isForAll ? "*" : origin
        fields["Access-Control-Allow-Methods"] = rule.methods.joined(separator: ", ")
        if !rule.isForAll { fields["Access-Control-Allow-Credentials"] = "true" }
        if !rule.exposed.isEmpty {
            fields["Access-Control-Expose-Headers"] = rule.exposed.joined(separator: ", ")
        }
        fields["Vary"] = "Origin, Access-Control-Request-Headers, Access-Control-Request-Method"
    }
}
