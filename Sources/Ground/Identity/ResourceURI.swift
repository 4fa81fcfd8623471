public import Core

/// What rights are about: `scheme://cluster/organisation/project/name`, or a prefix of it, which stands for all that is
/// under it. Below the name there may be more, down to 32 segments.
public struct ResourceURI: Hashable, Sendable {
    public enum Scheme: String, Hashable, Sendable, Codable, CaseIterable {
        case task, job, function, mapreduce, blob, image, secret, disk, node, role

        /// Its place among all.
        var number: Int32 {
            switch self {
            case .task: 0
            case .job: 1
            case .function: 2
            case .mapreduce: 3
            case .blob: 4
            case .image: 5
            case .secret: 6
            case .disk: 7
            case .node: 8
            case .role: 9
            }
        }
    }

    public static let maximumLength = 1024
    public static let maximumDepth = 32

    public let scheme: Scheme
    /// Cluster, organisation, project, name, …; at least the cluster.
    public let path: [String]

    /// - Throws: ``ApolloError`` of kind `invalid` that says which segment is wrong, and why.
    public init(_ scheme: Scheme, _ path: [String]) throws(ApolloError) {
        guard (1...Self.maximumDepth).contains(path.count) else {
            throw ApolloError(
                .invalid, "a resource's URI has 1 to \(Self.maximumDepth) segments, this one \(path.count)")
        }
        var length = scheme.rawValue.utf8.count + 2
        for segment in path {
            if let fault = URISegment.fault(in: segment) {
                throw ApolloError(.invalid, "'\(segment.prefix(80))' cannot be part of a URI: \(fault)")
            }
            length += 1 + segment.utf8.count
        }
        guard length <= Self.maximumLength else {
            throw ApolloError(.invalid, "a URI is longer than \(Self.maximumLength) bytes")
        }
        self.init(unchecked: scheme, path)
    }

    private init(unchecked scheme: Scheme, _ path: [String]) {
        self.scheme = scheme
        self.path = path
    }

    /// All resources of a kind on a platform of one machine.
    public static func localCluster(_ scheme: Scheme) -> ResourceURI {
        ResourceURI(unchecked: scheme, ["local"])
    }

    /// Reads `task://local/default/default/web`.
    ///
    /// - Throws: ``ApolloError`` of kind `invalid` that says what is wrong.
    public init(parsing text: String) throws(ApolloError) {
        let (name, segments) = try URISegment.split(text)
        guard let scheme = Scheme(rawValue: name) else {
            throw ApolloError(
                .invalid, "'\(name.prefix(80))' is not a kind of resource",
                hint: "kinds are \(Scheme.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        try self.init(scheme, segments)
    }

    /// Whether `other` is this resource or under it. Borders count: `task://local/a` does not contain `task://local/ab`.
    public func contains(_ other: ResourceURI) -> Bool {
        scheme == other.scheme && other.path.starts(with: path)
    }
}

extension ResourceURI: CustomStringConvertible {
    public var description: String { "\(scheme.rawValue)://\(path.joined(separator: "/"))" }
}

extension ResourceURI: Codable {
    public init(from decoder: any Decoder) throws {
        try self.init(parsing: decoder.singleValueContainer().decode(String.self))
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
