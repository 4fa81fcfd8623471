public import Core

/// Who asks: every request has one.
public struct Principal: Hashable, Sendable {
    /// What kind of asker it is; the scheme of its URI.
    public enum Kind: String, Hashable, Sendable, Codable, CaseIterable {
        /// A person, or a program with a person's rights.
        case user
        /// A part of the platform, or a program of its own.
        case service
        /// A machine of the cluster.
        case node
    }

    public let kind: Kind
    /// Where the name means something: `local`, or the cluster.
    public let realm: String
    public let name: String

    /// The one who owns a platform on one machine.
    public static let localAdministrator = Principal(unchecked: .user, realm: "local", name: "admin")

    /// - Throws: ``ApolloError`` of kind `invalid` unless realm and name are segments as in a ``ResourceURI``.
    public init(_ kind: Kind, realm: String, name: String) throws(ApolloError) {
        for part in [realm, name] {
            if let fault = URISegment.fault(in: part) {
                throw ApolloError(.invalid, "'\(part.prefix(80))' cannot be part of a principal: \(fault)")
            }
        }
        self.init(unchecked: kind, realm: realm, name: name)
    }

    private init(unchecked kind: Kind, realm: String, name: String) {
        self.kind = kind
        self.realm = realm
        self.name = name
    }

    /// Reads `user://local/admin`.
    ///
    /// - Throws: ``ApolloError`` of kind `invalid` that says what is wrong.
    public init(parsing text: String) throws(ApolloError) {
        let (scheme, segments) = try URISegment.split(text)
        guard let kind = Kind(rawValue: scheme), segments.count == 2 else {
            throw ApolloError(
                .invalid, "'\(text.prefix(80))' is not a principal", hint: "write it as user://local/admin")
        }
        try self.init(kind, realm: segments[0], name: segments[1])
    }
}

extension Principal: CustomStringConvertible {
    /// Its URI: `user://local/admin`.
    public var description: String { "\(kind.rawValue)://\(realm)/\(name)" }
}

extension Principal: Codable {
    public init(from decoder: any Decoder) throws {
        try self.init(parsing: decoder.singleValueContainer().decode(String.self))
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
