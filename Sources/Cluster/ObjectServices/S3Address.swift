import HTTPModel
import S3Messages

/// The bucket and the key that a request names: in its path, or the bucket in the host's name.
struct S3Address: Hashable, Sendable {
    /// As it was given: it may be none that a bucket can have.
    var bucket: String?
    var key: String?
    /// The whole path, decoded, as it is signed.
    var path: [UInt8]

    /// Hosts under this name have the bucket before it: all of them are this machine (RFC 6761, section 6.3).
    private static let hostSuffix = ".localhost"

    init(_ request: HTTPRequest) throws(S3Error) {
        let invalid = S3Error(.invalidURI, "Couldn't parse the specified URI.")
        guard request.path.utf8.first == UInt8(ascii: "/"),
            let path = PercentEncoding.decode(request.path.utf8)
        else { throw invalid }
        self.path = path
        var rest = Array(path.dropFirst())[...]
        if let host = request.fields["Host"], let found = Self.bucket(inHost: host) {
            bucket = found
        } else if !rest.isEmpty {
            let slash = rest.firstIndex(of: UInt8(ascii: "/")) ?? rest.endIndex
            guard let name = String(validating: rest[..<slash], as: UTF8.self) else { throw invalid }
            bucket = name
            rest = rest[slash...].dropFirst()
        }
        guard !rest.isEmpty else { return }
        guard let key = String(validating: rest, as: UTF8.self) else { throw invalid }
        self.key = key
    }

    private static func bucket(inHost host: String) -> String? {
        let name = host.prefix { $0 != ":" }.lowercased()
        guard name.hasSuffix(hostSuffix), name.utf8.count > hostSuffix.utf8.count else { return nil }
        return String(name.dropLast(hostSuffix.count))
    }
}
