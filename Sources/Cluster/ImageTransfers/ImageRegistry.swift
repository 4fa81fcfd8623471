import Core
import Documents
public import HTTPClients
public import HTTPModel
public import ImageModel
import S3Signatures

/// A registry that is asked with one proof of who asks, such as the platform's own.
public struct ImageRegistry: Sendable {
    /// Without a slash at its end.
    public let address: String
    /// What is sent as `Authorization`; nil for nothing.
    private let authorization: String?
    private let http: HTTPClient

    public init(address: String, authorization: String?, http: HTTPClient) {
        self.address = address
        self.authorization = authorization
        self.http = http
    }

    /// A manifest or an index as the registry has it.
    public struct Document: Hashable, Sendable {
        public var document: ImageDocument
        public var bytes: [UInt8]
        public var digest: ImageDigest

        public var descriptor: ImageDescriptor {
            ImageDescriptor(mediaType: document.mediaType, digest: digest, size: Int64(bytes.count))
        }
    }

    // MARK: Lists

    public func repositories() async throws -> [String] {
        try await list("/v2/_catalog?n=1000", "repositories")
    }

    public func tags(_ repository: RepositoryName) async throws -> [String] {
        try await list("/v2/\(repository)/tags/list?n=1000", "tags")
    }

    /// All pages of a list.
    private func list(_ path: String, _ key: String) async throws -> [String] {
        var all: [String] = []
        var next: String? = path
        while let place = next {
            let response = try await call(.get, place)
            let document = try JSONReader(maximumSize: 16 << 20)
                .read(try await response.body.collect(upTo: 16 << 20))
            all += (document[key]?.array ?? []).compactMap(\.string)
            next = response.fields["Link"].flatMap(Self.next)
        }
        return all
    }

    /// The target of `<…>; rel="next"` (RFC 8288), within the registry.
    private static func next(_ link: String) -> String? {
        guard link.contains("rel=\"next\""), link.hasPrefix("</") else { return nil }
        return String(link.dropFirst().prefix { $0 != ">" })
    }

    // MARK: Manifests

    public func document(_ repository: RepositoryName, _ name: ManifestName) async throws -> Document {
        let response = try await call(
            .get, "/v2/\(repository)/manifests/\(name)",
            fields: HTTPFields(["Accept": ImageMediaType.manifests.joined(separator: ", ")]),
            what: "image '\(repository):\(name)'")
        let bytes = try await response.body.collect(upTo: ImageLimits.document)
        let told = response.fields["Content-Type"].map { String($0.prefix { $0 != ";" }) }
        do throws(ImageError) {
            var algorithm = ImageDigest.Algorithm.sha256
            if case .digest(let digest) = name { algorithm = digest.algorithm }
            let digest = ImageDigest(of: bytes, algorithm)
            if case .digest(let wanted) = name, wanted != digest {
                throw .document("it has the digest \(digest)")
            }
            return Document(
                document: try ImageDocument(bytes, mediaType: told), bytes: bytes, digest: digest)
        } catch {
            throw ApolloError(
                .corrupt, "the registry's manifest '\(repository):\(name)' is no good: \(error)")
        }
    }

    /// The digest of a manifest; nil where the registry has none.
    public func digest(_ repository: RepositoryName, _ name: ManifestName) async throws -> ImageDigest? {
        let response = try await call(
            .head, "/v2/\(repository)/manifests/\(name)",
            fields: HTTPFields(["Accept": ImageMediaType.manifests.joined(separator: ", ")]), allows: [404])
        guard response.status == .ok else { return nil }
        // What is no digest says nothing.
        return response.fields["Docker-Content-Digest"].flatMap { try? ImageDigest(parsing: $0) }
    }

    public func put(
        _ bytes: [UInt8], mediaType: String, as name: ManifestName, in repository: RepositoryName
    ) async throws {
        _ = try await call(
            .put, "/v2/\(repository)/manifests/\(name)", fields: HTTPFields(["Content-Type": mediaType]),
            body: .bytes(bytes), what: "'\(repository):\(name)'")
    }

    public func delete(_ repository: RepositoryName, _ name: ManifestName) async throws {
        _ = try await call(
            .delete, "/v2/\(repository)/manifests/\(name)", what: "image '\(repository):\(name)'")
    }

    // MARK: Blobs

    public func has(_ digest: ImageDigest, in repository: RepositoryName) async throws -> Bool {
        try await call(.head, "/v2/\(repository)/blobs/\(digest)", allows: [404]).status == .ok
    }

    /// The bytes of a blob from `offset` on.
    public func open(
        _ digest: ImageDigest, in repository: RepositoryName, from offset: Int64 = 0
    ) async throws -> any HTTPBodyReader {
        var fields = HTTPFields()
        if offset > 0 { fields["Range"] = "bytes=\(offset)-" }
        let response = try await call(
            .get, "/v2/\(repository)/blobs/\(digest)", fields: fields, what: "blob \(digest)", isLong: true)
        guard offset == 0 || response.status == .partialContent else {
            throw ApolloError(.unavailable, "the registry does not go on with the blob \(digest)")
        }
        return response.body
    }

    /// Begins an upload; where its bytes go.
    func beginUpload(to repository: RepositoryName) async throws -> String {
        let response = try await call(
            .post, "/v2/\(repository)/blobs/uploads/", body: .bytes([]), what: "'\(repository)'")
        return try place(response)
    }

    /// Ends an upload with its last bytes.
    func complete(
        _ place: String, _ digest: ImageDigest, range: Range<Int64>, _ body: any HTTPBodyReader
    ) async throws {
        var fields = HTTPFields(["Content-Type": "application/octet-stream"])
        if range.lowerBound > 0, !range.isEmpty {
            fields["Content-Range"] = "\(range.lowerBound)-\(range.upperBound - 1)"
        }
        let mark = place.contains("?") ? "&" : "?"
        _ = try await call(
            .put, "\(place)\(mark)digest=\(PercentEncoding.encode(digest.text))", fields: fields,
            body: range.isEmpty ? .bytes([]) : .stream(body, length: Int64(range.count)),
            what: "blob \(digest)", isLong: true)
    }

    /// How many bytes of an upload the registry has.
    func uploaded(_ place: String) async throws -> Int64 {
        let response = try await call(.get, place)
        guard let last = response.fields["Range"]?.split(separator: "-").last.flatMap({ Int64($0) }) else {
            return 0
        }
        // Of no bytes, too, the last is at 0: of one byte none is believed.
        return last == 0 ? 0 : last + 1
    }

    private func place(_ response: HTTPClientResponse) throws -> String {
        guard let location = response.fields["Location"] else {
            throw ApolloError(.unavailable, "the registry does not say where the bytes go")
        }
        if location.hasPrefix("/") { return location }
        guard location.hasPrefix(address + "/") else {
            throw ApolloError(
                .unavailable,
                "the registry has the bytes go elsewhere, to \(String(location.prefix(200)).printable)")
        }
        return String(location.dropFirst(address.count))
    }

    // MARK: Calls

    /// - Parameters:
    ///   - allows: statuses from 300 on that are no failure.
    ///   - isLong: without a bound on its time as a whole: bodies may be of any size.
    private func call(
        _ method: HTTPMethod, _ path: String, fields: HTTPFields = HTTPFields(),
        body: HTTPClientBody = .empty, what: String = "the registry", allows: Set<Int> = [],
        isLong: Bool = false
    ) async throws -> HTTPClientResponse {
        var fields = fields
        if let authorization { fields["Authorization"] = authorization }
        let request = HTTPClientRequest(
            method, address + path, fields: fields, body: body,
            timeouts: HTTPTimeouts(
                connect: .seconds(5), idle: .seconds(60), total: isLong ? nil : .seconds(120)))
        let response: HTTPClientResponse
        do throws(HTTPClientError) {
            response = try await http.send(request)
        } catch {
            throw error.asApolloError
        }
        guard response.status.rawValue >= 300, !allows.contains(response.status.rawValue) else {
            return response
        }
        throw try await Self.failure(response, what)
    }

    private static func failure(
        _ response: HTTPClientResponse, _ what: String
    ) async throws -> ApolloError {
        let body = try await response.body.collect(upTo: 1 << 20)
        // Others than ours may say something else, and to HEAD nobody says anything.
        let first = try? JSONReader().read(body)["errors"]?[0]
        let said = first?["message"]?.string ?? "the registry answered \(response.status)"
        let kind: ErrorKind =
            switch response.status.rawValue {
            case 401: .unauthenticated
            case 403: .denied
            case 404: .notFound
            case 409, 416: .conflict
            case 429, 507: .exhausted
            case 500...: .unavailable
            default: .invalid
            }
        return ApolloError(
            kind, "\(what): \(said)",
            hint: kind == .notFound ? "'apollo image ls' lists what is there" : nil)
    }
}
