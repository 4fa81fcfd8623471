public import Core
public import HTTPModel
public import S3Signatures

extension RequestSigner {
    /// An address at the store `address` that anybody may use for `seconds` from `time` on.
    public func url(
        _ method: HTTPMethod, _ address: String, bucket: String, key: String, seconds: Int64,
        at time: Timestamp
    ) -> String {
        let path = "/\(bucket)/\(key)"
        var fields = HTTPFields()
        fields["Host"] = String(address.drop { $0 != "/" }.drop { $0 == "/" })
        let parts = SignedParts(
            method: method.rawValue, path: Array(path.utf8), query: RequestQuery(), fields: fields)
        let query = presign(parts, seconds: seconds, at: time)
        return "\(address)\(PercentEncoding.encode(path, keepsSlash: true))?\(query.text)"
    }
}
