public import Core
public import HTTPModel
public import S3Signatures

extension RequestSigner {
    /// An address at a store that anybody may use for `seconds` from `time` on.
    public func url(
        _ method: HTTPMethod, _ endpoint: StoreEndpoint, bucket: String, key: String, seconds: Int64,
        at time: Timestamp
    ) -> String {
        let target = endpoint.target(bucket: bucket, key: key)
        let parts = SignedParts(
            method: method.rawValue, path: Array(target.path.utf8), query: RequestQuery(),
            fields: HTTPFields(), host: target.host)
        let query = presign(parts, seconds: seconds, at: time)
        return "\(target.base)\(PercentEncoding.encode(target.path, keepsSlash: true))?\(query.text)"
    }
}
