public import Core

/// The name of a set of grants. Roles of the whole cluster have one word, such as `developers`; there is room for those that
/// belong to somebody: `ann/roles/helpers`.
public struct RoleName: Hashable, Sendable {
    public let text: String

    /// Everything on the cluster: there from the start, and never changed.
    public static let administrators = RoleName(unchecked: "administrators")

    private init(unchecked text: String) { self.text = text }

    /// - Throws: ``ApolloError`` of kind `invalid` that says what is wrong.
    public init(parsing text: String) throws(ApolloError) {
        let segments = text.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
            .map { String(decoding: $0, as: UTF8.self) }
        guard segments.count == 1 || (segments.count == 3 && segments[1] == "roles") else {
            throw ApolloError(
                .invalid, "'\(text.prefix(80))' is not the name of a role",
                hint: "one word, such as developers")
        }
        for segment in segments {
            if let fault = URISegment.fault(in: segment) {
                throw ApolloError(.invalid, "'\(text.prefix(80))' is not the name of a role: \(fault)")
            }
        }
        self.text = text
    }

    /// What rights on the role itself are about.
    public var resource: ResourceURI {
        get throws(ApolloError) {
            try ResourceURI(.role, ["local"] + text.split(separator: "/").map { String($0) })
        }
    }
}

extension RoleName: CustomStringConvertible, Comparable {
    public var description: String { text }

    public static func < (a: RoleName, b: RoleName) -> Bool { a.text < b.text }
}

/// Who holds a grant.
public enum Subject: Hashable, Sendable {
    case principal(Principal)
    /// Everybody who has the role.
    case role(RoleName)
}

extension Subject: CustomStringConvertible {
    public var description: String {
        switch self {
        case .principal(let principal): principal.description
        case .role(let name): "role://local/\(name)"
        }
    }
}
