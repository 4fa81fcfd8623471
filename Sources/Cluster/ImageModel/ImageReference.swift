/// Names an image wherever it is: `[host[:port]/]path[:tag][@digest]`.
public struct ImageReference: Hashable, Sendable {
    /// Nil where none is named: what that means is for its reader to say.
    public var host: RegistryHost?
    public var repository: RepositoryName
    public var tag: ImageTag?
    /// Where there is one it decides, and the tag is a remark.
    public var digest: ImageDigest?

    public init(
        host: RegistryHost?, repository: RepositoryName, tag: ImageTag? = nil, digest: ImageDigest? = nil
    ) {
        self.host = host
        self.repository = repository
        self.tag = tag
        self.digest = digest
    }

    /// Reads a reference. What is before the first slash is a host where it has a dot or a colon, or is `localhost`, as Docker reads it.
    public init(parsing text: some StringProtocol) throws(ImageError) {
        guard text.utf8.count <= 1024 else { throw .reference(String(text.prefix(64))) }
        var rest = Substring(text)
        digest = nil
        if let mark = rest.firstIndex(of: "@") {
            digest = try ImageDigest(parsing: rest[rest.index(after: mark)...])
            rest = rest[..<mark]
        }
        host = nil
        if let slash = rest.firstIndex(of: "/") {
            let first = rest[..<slash]
            if first == "localhost" || first.contains(".") || first.contains(":") {
                guard let named = RegistryHost(parsing: first) else { throw .reference(String(text)) }
                host = named
                rest = rest[rest.index(after: slash)...]
            }
        }
        tag = nil
        if let colon = rest.lastIndex(of: ":") {
            tag = try ImageTag(parsing: rest[rest.index(after: colon)...])
            rest = rest[..<colon]
        }
        guard !rest.isEmpty else { throw .reference(String(text)) }
        repository = try RepositoryName(parsing: rest)
    }

    /// What to ask the registry for: the digest, the tag, or `latest`.
    public var manifest: ManifestName { digest.map { .digest($0) } ?? .tag(tag ?? .latest) }

    /// As Docker means it: on Docker Hub where no host is named, and there under `library/` where the path has one part.
    public var onDockerHub: ImageReference {
        var reference = self
        reference.host = host ?? .dockerHub
        if reference.host == .dockerHub, repository.parts.count == 1,
            // Nil only where it gets too long.
            let official = try? RepositoryName(parsing: "library/\(repository)")
        {
            reference.repository = official
        }
        return reference
    }
}

extension ImageReference: CustomStringConvertible {
    public var description: String {
        var text = host.map { "\($0)/\(repository)" } ?? repository.text
        if let tag { text += ":\(tag)" }
        if let digest { text += "@\(digest)" }
        return text
    }
}
