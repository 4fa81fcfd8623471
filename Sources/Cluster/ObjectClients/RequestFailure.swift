import Core
import HTTPClients
import HTTPModel
import S3Messages

/// What a store said where it did not do what was asked, and what follows from it.
struct RequestFailure: Sendable {
    /// What to do about a failure.
    enum Remedy: Hashable, Sendable {
        /// Nothing: it is told.
        case none
        /// Wait a while, and send it again.
        case retry
        /// Sign anew with a clock that is this much ahead of ours.
        case useClock(ahead: Duration)
        /// Sign anew for this region.
        case useRegion(String)
    }

    /// From so much on a clock is held to be wrong where a request was refused without a reason, as for `HEAD`.
    static let suspiciousSkew = Duration.seconds(300)

    var status: HTTPStatus
    var code: String?
    var message: String?
    /// Where the bucket is, if it is not where it was looked for.
    var region: String?
    /// The store's time.
    var date: Timestamp?

    init(_ status: HTTPStatus, _ fields: HTTPFields, _ body: [UInt8]) {
        self.status = status
        // No answer to HEAD has a body, and others than S3 stores may answer something else.
        let document = try? XMLReader.read(body)
        code = document?["Code"]?.text
        message = document?["Message"]?.text
        region = fields["x-amz-bucket-region"] ?? document?["Region"]?.text
        date = fields["Date"].flatMap { HTTPDate.parse($0) }
    }

    /// - Parameters:
    ///   - time: what the request was signed with, by our clock as it was corrected so far; nil where it has no such signature.
    ///   - region: what it was signed for.
    func remedy(signedAt time: Timestamp?, for region: String?) -> Remedy {
        if let time, let date {
            let off = time.duration(to: date)
            let isFar = off > Self.suspiciousSkew || off < .zero - Self.suspiciousSkew
            let isTold = code == "RequestTimeTooSkewed" || (code == "AccessDenied" && isFar)
            if isTold || (status == .forbidden && code == nil && isFar) { return .useClock(ahead: off) }
        }
        if let region, let found = self.region, !found.isEmpty, found != region,
            [301, 307, 400, 403].contains(status.rawValue)
        {
            return .useRegion(found)
        }
        switch status.rawValue {
        case 408, 429, 500, 502, 503, 504: return .retry
        default:
            let passing = [
                "SlowDown", "RequestTimeout", "InternalError", "ServiceUnavailable", "Throttling",
                "ThrottlingException", "RequestLimitExceeded", "BandwidthLimitExceeded",
            ]
            return code.map { passing.contains($0) } ?? false ? .retry : .none
        }
    }

    /// The same as everyone's error.
    ///
    /// - Parameter what: `s3://bucket/key`.
    func error(on what: String) -> ApolloError {
        let kind: ErrorKind =
            switch status.rawValue {
            case 304, 409, 412: .conflict
            case 401: .unauthenticated
            case 403: .denied
            case 404: .notFound
            case 429, 507: .exhausted
            case 408, 502, 503, 504: .unavailable
            case 500..<600: .internal
            default: .invalid
            }
        // No answer to HEAD says what it is that is not there.
        let isUnnamed = status == .notFound && code == nil
        let hint: String? =
            switch code {
            case "NoSuchKey": "'apollo blob ls' shows what is there"
            case nil where isUnnamed: "'apollo blob ls' shows what is there"
            case "InvalidBucketName": "a name has 3 to 63 lower-case letters, digits, dots and hyphens"
            case "NoSuchBucket": "'apollo blob ls' lists buckets, 'apollo blob mkbucket' makes one"
            case "BucketNotEmpty": "remove what is in it first: apollo blob rm --recursive \(what)"
            case "RequestTimeTooSkewed": "set this machine's clock"
            case "SlowDown", "Throttling": "try again with fewer at once: --parallel"
            default: nil
            }
        let text =
            isUnnamed
            ? "there is no \(what)" : "\(what): \(message ?? "the server answered \(status)")"
        return ApolloError(kind, text, hint: hint)
    }
}
