import Core
import Documents
import HTTPModel
import ImageModel
import ImageStorage
import S3Signatures

extension ImageServer {
    /// The most entries of a page: of those that are asked for, and of those where no number is.
    private static let (pageLimit, wholePage) = (1000, 10_000)
    /// The most bytes of referrers in one answer: clients take as many as of a manifest.
    private static let referrerBytes = 2 << 20

    func listTags(_ name: RepositoryName, _ request: RegistryRequest) async throws -> HTTPResponse {
        let asked = try request.count(upTo: Self.pageLimit)
        let count = asked ?? Self.wholePage
        let tags = try await store.tags(in: name, after: request.query["last"] ?? "", limit: count + 1)
        var writer = JSONWriter()
        writer.beginObject()
        writer.field("name", name.text)
        writer.field("tags", .array(tags.prefix(count).map { .string($0) }))
        writer.endObject()
        return .json(
            String(decoding: writer.bytes, as: UTF8.self),
            fields: Self.link(
                "/v2/\(name)/tags/list", count, last: tags.count > count && count > 0 ? tags[count - 1] : nil)
        )
    }

    func catalog(
        _ request: RegistryRequest, _ caller: RegistryCaller, _ challenge: RegistryChallenge
    ) async throws -> HTTPResponse {
        guard caller.credential != nil || !caller.open.isEmpty else {
            throw challenge.error("this needs a login")
        }
        if let grant = caller.grant, !grant.catalog {
            throw challenge.error("the token is not good for this", isInsufficient: true)
        }
        let count = try request.count(upTo: Self.pageLimit) ?? Self.pageLimit
        let found = try await store.repositories(after: request.query["last"] ?? "", limit: count + 1) {
            caller.sees($0.name)
        }
        var writer = JSONWriter()
        writer.beginObject()
        writer.field("repositories", .array(found.prefix(count).map { .string($0.name.text) }))
        writer.endObject()
        let last = found.count > count && count > 0 ? found[count - 1].name.text : nil
        return .json(
            String(decoding: writer.bytes, as: UTF8.self),
            fields: Self.link("/v2/_catalog", count, last: last))
    }

    func listReferrers(
        _ digest: ImageDigest, _ name: RepositoryName, _ request: RegistryRequest
    ) async throws -> HTTPResponse {
        let type = request.query["artifactType"].flatMap { $0.isEmpty ? nil : $0 }
        let count = max(1, try request.count(upTo: Self.pageLimit) ?? Self.pageLimit)
        let found = try await store.referrers(
            to: digest, artifactType: type, in: name, after: request.query["last"] ?? "", limit: count + 1)
        var (page, bytes): ([ImageDescriptor], Int) = ([], 0)
        for record in found.prefix(count) {
            let size = record.annotations.reduce(300) { $0 + $1.key.utf8.count + $1.value.utf8.count }
            guard page.isEmpty || bytes + size <= Self.referrerBytes else { break }
            bytes += size
            page.append(record.descriptor)
        }
        var fields = Self.link(
            "/v2/\(name)/referrers/\(digest)", count,
            last: page.count < found.count ? page.last?.digest.text : nil,
            more: type.map { ("artifactType", $0) })
        if type != nil { fields["OCI-Filters-Applied"] = "artifactType" }
        return .json(
            String(decoding: ImageIndex(manifests: page).bytes, as: UTF8.self), type: ImageMediaType.index,
            fields: fields)
    }

    /// Where the next page is (RFC 8288); nothing where this is the last.
    private static func link(
        _ path: String, _ count: Int, last: String?, more: (name: String, value: String)? = nil
    ) -> HTTPFields {
        guard let last else { return HTTPFields() }
        var items = [RequestQuery.Item("n", "\(count)"), RequestQuery.Item("last", last)]
        if let more { items.append(RequestQuery.Item(more.name, more.value)) }
        return HTTPFields(["Link": "<\(path)?\(RequestQuery(items).text)>; rel=\"next\""])
    }
}
