import Cryptography
public import HTTPModel

/// What of a request a signature is about.
public struct SignedParts: Sendable {
    public var method: String
    /// Decoded.
    public var path: [UInt8]
    public var query: RequestQuery
    public var fields: HTTPFields

    public init(method: String, path: [UInt8], query: RequestQuery, fields: HTTPFields) {
        self.method = method
        self.path = path
        self.query = query
        self.fields = fields
    }

    /// The same for a request to `host`, a name with its port where that is not implied.
    public init(
        method: String, path: [UInt8], query: RequestQuery, fields: HTTPFields, host: String
    ) {
        self.init(method: method, path: path, query: query, fields: fields)
        self.fields["Host"] = host
    }

    /// The canonical request, of which the signature is made.
    func canonical(signed names: [String], payload: String) -> String {
        var lines = [method, PercentEncoding.encode(path, keepsSlash: true), query.canonical]
        for name in names {
            let values = fields.values(name).map(Self.trimmed)
            lines.append("\(name):\(values.joined(separator: ","))")
        }
        return (lines + ["", names.joined(separator: ";"), payload]).joined(separator: "\n")
    }

    func textToSign(signed names: [String], payload: String, time: String, _ scope: CredentialScope) -> String
    {
        let hash = SHA256.hash(canonical(signed: names, payload: payload)).hex
        return "AWS4-HMAC-SHA256\n\(time)\n\(scope.text)\n\(hash)"
    }

    /// Without blanks at the ends, and one for many within.
    static func trimmed(_ value: String) -> String {
        value.utf8.split(whereSeparator: { $0 == 0x20 || $0 == 0x09 })
            .map { String(decoding: $0, as: UTF8.self) }.joined(separator: " ")
    }
}
