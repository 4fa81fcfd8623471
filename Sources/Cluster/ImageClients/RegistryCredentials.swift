import Cryptography
import Documents
public import ImageModel

/// A name and a password for a registry.
public struct RegistryCredential: Hashable, Sendable {
    public var name: String
    public var password: String

    public init(name: String, password: String) {
        self.name = name
        self.password = password
    }

    /// What `Authorization` says (RFC 7617).
    var basic: String { "Basic " + Base64.encode(Array("\(name):\(password)".utf8)) }
}

/// Names and passwords by registry, as `docker login` keeps them: `{"auths": {"registry.example": {"auth": "…"}}}`, where `auth` is
/// `name:password` in base 64. What helpers keep elsewhere is not looked for.
public struct RegistryCredentials: Hashable, Sendable {
    private var all: [String: RegistryCredential] = [:]

    /// None.
    public init() {}

    /// Reads a file's bytes; nil where they are no such document.
    ///
    /// - Parameter requiresLogins: whether one without `auths` is none: Docker keeps other settings there, too.
    public init?(parsing bytes: [UInt8], requiresLogins: Bool = true) {
        // Where the fault lies would tell of what is secret.
        guard let document = (try? JSONReader().read(bytes))?.object else { return nil }
        guard let logins = document["auths"] else {
            if requiresLogins { return nil }
            return
        }
        guard let auths = logins.object else { return nil }
        for member in auths.members {
            guard let credential = Self.credential(member.value) else { continue }
            all[Self.host(member.key)] = credential
        }
    }

    private static func credential(_ value: JSONValue) -> RegistryCredential? {
        if let name = value["username"]?.string, let password = value["password"]?.string {
            return RegistryCredential(name: name, password: password)
        }
        guard let packed = value["auth"]?.string, let bytes = Base64.decode(packed) else { return nil }
        let parts = String(decoding: bytes, as: UTF8.self)
            .split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2 else { return nil }
        return RegistryCredential(name: String(parts[0]), password: String(parts[1]))
    }

    /// `https://index.docker.io/v1/` is the name that Docker Hub has there.
    private static func host(_ key: String) -> String {
        var rest = Substring(key)
        if let scheme = rest.firstRange(of: "://") { rest = rest[scheme.upperBound...] }
        let host = rest.prefix { $0 != "/" }
        return host == "index.docker.io" ? RegistryHost.dockerHub.description : String(host)
    }

    public subscript(host: RegistryHost) -> RegistryCredential? { all[host.description] }
}
