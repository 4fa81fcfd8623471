import Core
import Documents
import HTTPClients
public import HTTPModel
public import ImageClients
public import ImageModel

/// One registry, for those who copy, list and remove: the platform's own, or another. Errors are everyone's.
public struct ImageRegistry: Sendable {
    private let client: RegistryClient
    private let place: RegistryPlace

    public init(_ place: RegistryPlace, by client: RegistryClient) {
        self.place = place
        self.client = client
    }

    // MARK: Lists

    public func repositories() async throws -> [String] {
        try await list("/v2/_catalog?n=1000", "repositories", "registry:catalog:*", about: "the registry")
    }

    public func tags(_ repository: RepositoryName) async throws -> [String] {
        try await list(
            "/v2/\(repository)/tags/list?n=1000", "tags", RegistryRequest.scope(.get, repository),
            about: "the tags of '\(repository)'")
    }

    /// All pages of a list.
    /// Pages of a list, of up to a thousand names each.
    static let mostPages = 1000

    private func list(
        _ target: String, _ key: String, _ scope: String, about subject: String
    ) async throws -> [String] {
        var all: [String] = []
        var next: String? = target
        var pages = 0
        while let target = next {
            pages += 1
            // Whoever always names a next page would be asked for ever.
            guard pages <= Self.mostPages else {
                throw ApolloError(
                    .exhausted, "\(subject): the registry names more than \(Self.mostPages) pages")
            }
            let response = try await send(
                RegistryRequest(.get, place, target: target, scope: scope, about: subject))
            let document = try JSONReader(maximumSize: 16 << 20)
                .read(try await response.body.collect(upTo: 16 << 20))
            all += (document[key]?.array ?? []).compactMap(\.string)
            next = response.fields["Link"].flatMap(next(behind:))
        }
        return all
    }

    /// The target of `<…>; rel="next"` (RFC 8288), within the registry.
    private func next(behind link: String) -> String? {
        guard link.contains("rel=\"next\""), link.hasPrefix("<") else { return nil }
        return target(String(link.dropFirst().prefix { $0 != ">" }))
    }

    // MARK: Manifests

    public func document(
        _ repository: RepositoryName, _ name: ManifestName
    ) async throws -> FetchedDocument {
        try await calling { () async throws(RegistryClientError) in
            try await client.document(
                name, of: repository, in: place, about: Self.image(repository, name))
        }
    }

    /// The digest of a manifest; nil where the registry has none.
    public func digest(_ repository: RepositoryName, _ name: ManifestName) async throws -> ImageDigest? {
        let response = try await send(
            RegistryRequest(
                .head, place, repository, "manifests/\(name)", about: Self.image(repository, name),
                fields: HTTPFields(["Accept": ImageMediaType.manifests.joined(separator: ", ")])),
            allowing: [.notFound])
        guard response.status == .ok else { return nil }
        // What is no digest says nothing.
        return response.fields["Docker-Content-Digest"].flatMap { try? ImageDigest(parsing: $0) }
    }

    public func put(
        _ bytes: [UInt8], mediaType: String, as name: ManifestName, in repository: RepositoryName
    ) async throws {
        _ = try await send(
            RegistryRequest(
                .put, place, repository, "manifests/\(name)", about: "'\(repository):\(name)'",
                fields: HTTPFields(["Content-Type": mediaType]), body: .bytes(bytes)))
    }

    public func delete(_ repository: RepositoryName, _ name: ManifestName) async throws {
        _ = try await send(
            RegistryRequest(
                .delete, place, repository, "manifests/\(name)", about: Self.image(repository, name)))
    }

    private static func image(_ repository: RepositoryName, _ name: ManifestName) -> String {
        "image '\(repository):\(name)'"
    }

    // MARK: Blobs

    public func has(_ digest: ImageDigest, in repository: RepositoryName) async throws -> Bool {
        try await send(
            RegistryRequest(.head, place, repository, "blobs/\(digest)", about: "blob \(digest)"),
            allowing: [.notFound]
        ).status == .ok
    }

    /// The bytes of a blob.
    public func open(
        _ digest: ImageDigest, in repository: RepositoryName
    ) async throws -> any HTTPBodyReader {
        try await stream(digest, in: repository, from: 0).body
    }

    /// The bytes of a blob from `offset` on, or from the first where the registry cannot.
    func stream(
        _ digest: ImageDigest, in repository: RepositoryName, from offset: Int64
    ) async throws -> BlobStream {
        try await calling { () async throws(RegistryClientError) in
            try await client.blobStream(
                digest, of: repository, in: place, about: "blob \(digest)", from: offset)
        }
    }

    // MARK: Uploads

    /// Begins an upload; where its bytes go, or nil where none are needed: another repository has them.
    ///
    /// - Parameters:
    ///   - digest: of the blob.
    ///   - other: a repository of this registry that may have it.
    func beginUpload(
        to repository: RepositoryName, of digest: ImageDigest, orFrom other: RepositoryName?
    ) async throws -> String? {
        let mount = other.map {
            "?mount=\(PercentEncoding.encode(digest.text))&from=\(PercentEncoding.encode($0.text))"
        }
        let response = try await send(
            RegistryRequest(
                .post, place, repository, "blobs/uploads/" + (mount ?? ""), about: "'\(repository)'",
                body: .bytes([])),
            // A push makes the repository: what is not there is its project.
            whereNotFound: "'apollo project create' makes a project; the first part of the name is it")
        if mount != nil, response.status == .created { return nil }
        guard let location = response.fields["Location"] else {
            throw ApolloError(.unavailable, "the registry does not say where the bytes go")
        }
        guard let target = target(location) else {
            throw ApolloError(
                .unavailable,
                "the registry has the bytes go elsewhere, to \(String(location.prefix(200)).printable)")
        }
        return target
    }

    /// Ends an upload with its last bytes.
    func complete(
        _ upload: String, in repository: RepositoryName, _ digest: ImageDigest, range: Range<Int64>,
        _ body: any HTTPBodyReader
    ) async throws {
        var fields = HTTPFields(["Content-Type": "application/octet-stream"])
        if range.lowerBound > 0, !range.isEmpty {
            fields["Content-Range"] = "\(range.lowerBound)-\(range.upperBound - 1)"
        }
        let mark = upload.contains("?") ? "&" : "?"
        _ = try await send(
            RegistryRequest(
                .put, place, target: "\(upload)\(mark)digest=\(PercentEncoding.encode(digest.text))",
                scope: RegistryRequest.scope(.put, repository), about: "blob \(digest)", fields: fields,
                body: range.isEmpty ? .bytes([]) : .stream(body, length: Int64(range.count)), isLong: true))
    }

    /// How many bytes of an upload the registry has.
    func uploaded(_ upload: String, in repository: RepositoryName) async throws -> Int64 {
        let response = try await send(
            RegistryRequest(
                .get, place, target: upload, scope: RegistryRequest.scope(.put, repository),
                about: "an upload to '\(repository)'"))
        guard let last = response.fields["Range"]?.split(separator: "-").last.flatMap({ Int64($0) }) else {
            return 0
        }
        // Of no bytes, too, the last is at 0: of one byte none is believed.
        return last == 0 ? 0 : last + 1
    }

    // MARK: Calls

    /// What an address that the registry gives is there; nil for one that is elsewhere.
    private func target(_ address: String) -> String? {
        let origin = client.origin(of: place)
        let target = address.hasPrefix(origin + "/") ? String(address.dropFirst(origin.count)) : address
        // With two slashes it would name another host (RFC 3986, section 4.2).
        return target.hasPrefix("/") && !target.hasPrefix("//") ? target : nil
    }

    private static let list = "'apollo image ls' lists what is there"

    private func send(
        _ request: RegistryRequest, allowing allowed: [HTTPStatus] = [], whereNotFound hint: String = list
    ) async throws -> HTTPClientResponse {
        try await calling(whereNotFound: hint) { () async throws(RegistryClientError) in
            try await client.send(request, allowing: allowed)
        }
    }

    /// Has errors be everyone's, with hints for who sits before a command line.
    private func calling<Value>(
        whereNotFound hint: String = list, _ body: () async throws(RegistryClientError) -> Value
    ) async throws(ApolloError) -> Value {
        do { return try await body() } catch {
            var failure = error.asApolloError
            switch (error, place) {
            case (.transport, _): break
            case (.notFound, .address): failure.hint = hint
            case (_, .address): failure.hint = nil
            case (.denied, .host(let host)):
                failure.hint = "'docker login \(host)' keeps a name and a password, which are used here too"
            case (_, .host): break
            }
            throw failure
        }
    }
}
