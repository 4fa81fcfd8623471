public import Core
import HTTPModel

/// Why a signature is not taken.
public enum SignatureError: Error, Hashable, Sendable {
    /// It is no signature of this kind: why.
    case malformed(String)
    /// Another way to sign, or to prove who asks.
    case unsupported
    /// The request is older, or from later, than allowed.
    case skewed
    /// A URL was good for a time that is over.
    case expired
    /// Fields that have to be signed are not: which.
    case unsigned(String)
    case mismatch
}

/// The signature of a request (AWS Signature Version 4), as it stands in the `Authorization` field or in the query.
public struct RequestSignature: Hashable, Sendable {
    public enum Place: Hashable, Sendable {
        case field
        /// A presigned URL, good for so many seconds.
        case query(seconds: Int64)
    }

    public static let algorithm = "AWS4-HMAC-SHA256"
    /// How far a client's clock may be off.
    public static let skew = Duration.seconds(15 * 60)
    /// The longest that a URL may be good for: a week.
    public static let longestURL: Int64 = 7 * 86400

    public var accessKey: String
    public var scope: CredentialScope
    /// In lower case, sorted.
    public var signedFields: [String]
    public var signature: String
    public var time: Timestamp
    public var place: Place

    /// Finds the signature of a request; nil where it has none of any kind.
    public static func find(_ parts: SignedParts) throws(SignatureError) -> RequestSignature? {
        if parts.query.contains("X-Amz-Algorithm") { return try presigned(parts.query) }
        if let value = parts.fields["Authorization"] { return try inField(value, parts.fields) }
        if parts.query.contains("AWSAccessKeyId") { throw .unsupported }
        return nil
    }

    private static func inField(
        _ value: String, _ fields: HTTPFields
    ) throws(SignatureError) -> RequestSignature {
        guard value.hasPrefix(algorithm) else { throw .unsupported }
        var found: [String: String] = [:]
        for part in value.dropFirst(algorithm.count).split(separator: ",") {
            let sides = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard sides.count == 2 else { throw .malformed("the Authorization field is not NAME=VALUE, …") }
            found[sides[0].filter { $0 != " " && $0 != "\t" }] = String(sides[1].drop { $0 == " " })
        }
        guard let credential = found["Credential"].flatMap({ CredentialScope.parse($0) }) else {
            throw .malformed("the Credential must be KEY/DAY/REGION/s3/aws4_request")
        }
        guard let names = found["SignedHeaders"], let signature = found["Signature"] else {
            throw .malformed("the Authorization field needs SignedHeaders and Signature")
        }
        let time = fields["x-amz-date"].map { SigningTime.parse($0) } ?? fields["Date"].flatMap(date)
        guard let time else { throw .malformed("the request needs a valid x-amz-date or Date field") }
        return try RequestSignature(
            accessKey: credential.key, scope: credential.scope, names: names, signature: signature,
            time: time,
            place: .field)
    }

    private static func date(_ text: String) -> Timestamp? {
        HTTPDate.parse(text) ?? SigningTime.parse(text)
    }

    private static func presigned(_ query: RequestQuery) throws(SignatureError) -> RequestSignature {
        guard query["X-Amz-Algorithm"] == algorithm else { throw .unsupported }
        guard let credential = query["X-Amz-Credential"].flatMap({ CredentialScope.parse($0) }) else {
            throw .malformed("X-Amz-Credential must be KEY/DAY/REGION/s3/aws4_request")
        }
        guard let names = query["X-Amz-SignedHeaders"], let signature = query["X-Amz-Signature"],
            let time = query["X-Amz-Date"].flatMap({ SigningTime.parse($0) }),
            let seconds = query["X-Amz-Expires"].flatMap({ Int64($0) })
        else {
            throw .malformed(
                "a presigned URL needs X-Amz-Date, X-Amz-Expires, X-Amz-SignedHeaders and X-Amz-Signature")
        }
        guard seconds > 0 else { throw .expired }
        guard seconds <= longestURL else {
            throw .malformed("X-Amz-Expires must be 1 to \(longestURL) seconds")
        }
        return try RequestSignature(
            accessKey: credential.key, scope: credential.scope, names: names, signature: signature,
            time: time,
            place: .query(seconds: seconds))
    }

    private init(
        accessKey: String, scope: CredentialScope, names: String, signature: String, time: Timestamp,
        place: Place
    ) throws(SignatureError) {
        guard scope.service == "s3" else { throw .malformed("the credential's service must be s3") }
        guard SigningTime.text(time).hasPrefix(scope.day) else {
            throw .malformed("the credential's day is not that of the request")
        }
        self.accessKey = accessKey
        self.scope = scope
        signedFields = names.lowercased().split(separator: ";").map(String.init).sorted()
        self.signature = signature
        self.time = time
        self.place = place
    }

    /// Whether the signature is that of `parts`, made with `secret`, and good at `now`.
    ///
    /// - Parameter payload: the value of `x-amz-content-sha256`.
    /// - Returns: the key, which signs the pieces of a streamed body.
    @discardableResult
    public func verify(
        _ parts: SignedParts, secret: SecretBytes, payload: String, at now: Timestamp
    ) throws(SignatureError) -> SigningKey {
        try checkTime(now)
        try checkFields(parts.fields)
        let key = scope.key(secret)
        let text = parts.textToSign(
            signed: signedFields, payload: payload, time: SigningTime.text(time), scope)
        guard key.isValid(signature, for: text) else { throw .mismatch }
        return key
    }

    private func checkTime(_ now: Timestamp) throws(SignatureError) {
        let age = time.duration(to: now)
        switch place {
        case .field: guard age <= Self.skew, age >= .zero - Self.skew else { throw .skewed }
        case .query(let seconds):
            guard age >= .zero - Self.skew else { throw .skewed }
            guard age <= .seconds(seconds) else { throw .expired }
        }
    }

    /// The host, and every field that means something to S3, has to be signed: else whoever sees a request could change it.
    private func checkFields(_ fields: HTTPFields) throws(SignatureError) {
        let needed =
            ["host"] + fields.lines.map { $0.name.lowercased() }.filter { $0.hasPrefix("x-amz-") }
        for name in needed where !signedFields.contains(name) {
            // What a URL says of the body it says in the query.
            if name == "x-amz-content-sha256", place != .field { continue }
            throw .unsigned(name)
        }
    }
}
