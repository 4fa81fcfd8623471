/// Where a store answers, and how its requests name buckets.
public struct StoreEndpoint: Hashable, Sendable {
    public enum Style: String, Hashable, Sendable, CaseIterable {
        /// In the path: `http://store/BUCKET/KEY`.
        case path
        /// In the host's name: `http://BUCKET.store/KEY`.
        case virtual
    }

    /// What a request is sent to, and signed with.
    struct Target: Hashable, Sendable {
        /// Scheme and host: `http://store:9000`.
        var base: String
        /// As the `Host` field has it, without a port that the scheme implies.
        var host: String
        /// Decoded.
        var path: String
    }

    /// Without a slash at its end.
    public let address: String
    public let style: Style
    private let scheme: String
    private let authority: String
    private let prefix: String

    /// - Parameters:
    ///   - address: such as `http://127.0.0.1:7071`; `https` where it names no scheme. A path in it stands before the bucket.
    ///   - style: nil to choose: Amazon's hosts have the bucket in their name, all others in the path.
    public init(_ address: String, style: Style? = nil) {
        let text = address.contains("://") ? address : "https://\(address)"
        var bare = text[...]
        while bare.last == "/" { bare = bare.dropLast() }
        self.address = String(bare)
        scheme = bare.prefix { $0 != ":" }.lowercased()
        let rest = bare.drop { $0 != "/" }.dropFirst(2)
        var authority = rest.prefix { $0 != "/" }
        prefix = String(rest.drop { $0 != "/" })
        let implied = scheme == "https" ? ":443" : ":80"
        if authority.hasSuffix(implied) { authority = authority.dropLast(implied.count) }
        self.authority = String(authority)
        self.style = style ?? (Self.isAmazon(authority) ? .virtual : .path)
    }

    /// The one of Amazon in a region.
    public static func amazon(_ region: String) -> String {
        region.hasPrefix("cn-")
            ? "https://s3.\(region).amazonaws.com.cn" : "https://s3.\(region).amazonaws.com"
    }

    private static func isAmazon(_ authority: Substring) -> Bool {
        authority.hasSuffix(".amazonaws.com") || authority.hasSuffix(".amazonaws.com.cn")
    }

    /// Whether nobody between here and there can change a body.
    var isSecure: Bool { scheme == "https" }

    func target(bucket: String?, key: String?) -> Target {
        var target = Target(base: "\(scheme)://\(authority)", host: authority, path: prefix)
        if let bucket {
            if style == .virtual, isHostName(bucket) {
                target.host = "\(bucket).\(authority)"
                target.base = "\(scheme)://\(target.host)"
            } else {
                target.path += "/\(bucket)"
            }
        }
        if let key { target.path += "/\(key)" } else if target.path.isEmpty { target.path = "/" }
        return target
    }

    /// Whether a host can be called so: a certificate for `*.store` is good for one more label.
    private func isHostName(_ bucket: String) -> Bool {
        !(isSecure && bucket.contains("."))
            && bucket.utf8.allSatisfy {
                (97...122).contains($0) || (48...57).contains($0) || $0 == UInt8(ascii: "-")
                    || $0 == UInt8(ascii: ".")
            }
    }
}
