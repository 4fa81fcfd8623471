import Core
import Documents
import HTTPModel
import Identity
import ImageModel
import ImageStorage
import S3Signatures

extension ImageServer {
    /// The most tags that a manifest is pushed with.
    private static let tagLimit = 100

    func getManifest(
        _ manifest: ManifestName, _ name: RepositoryName, _ request: RegistryRequest
    ) async throws -> HTTPResponse {
        if request.http.method == .head {
            let record = try await store.describe(manifest, in: name)
            return HTTPResponse(
                .ok, fields: Self.fields(of: record), body: .stream(length: record.size) { _ in })
        }
        let (record, bytes) = try await store.manifest(manifest, in: name)
        guard ImageDigest(of: bytes, record.digest.algorithm) == record.digest else {
            throw ApolloError(.corrupt, "the manifest \(record.digest) is not what was stored")
        }
        let fields = Self.fields(of: record)
        if let list = request.fields["If-None-Match"], list.contains("\"\(record.digest)\"") {
            return HTTPResponse(.notModified, fields: fields)
        }
        return HTTPResponse(.ok, fields: fields, body: .bytes(bytes))
    }

    private static func fields(of record: ManifestRecord) -> HTTPFields {
        HTTPFields([
            "Content-Type": record.mediaType, "Docker-Content-Digest": record.digest.text,
            "ETag": "\"\(record.digest)\"",
        ])
    }

    func putManifest(
        _ manifest: ManifestName, _ name: RepositoryName, _ request: RegistryRequest, _ caller: RegistryCaller
    ) async throws -> HTTPResponse {
        let bytes = try await request.http.body.collect(upTo: ImageLimits.document)
        let sent = request.fields["Content-Type"].map { type in
            String(type.prefix { $0 != ";" }.filter { $0 != " " }).lowercased()
        }
        // What is said of any bytes says nothing.
        let isVague = sent == nil || sent == "application/octet-stream" || sent == "application/json"
        let document = try ImageDocument(bytes, mediaType: isVague ? nil : sent)
        var (digest, tags): (ImageDigest, [ImageTag])
        switch manifest {
        case .tag(let tag): (digest, tags) = (ImageDigest(of: bytes), [tag])
        case .digest(let named):
            (digest, tags) = (ImageDigest(of: bytes, named.algorithm), [])
            guard digest == named else {
                throw RegistryError(.badRequest, .digestInvalid, "the manifest has the digest \(digest)")
            }
            for item in request.query.items where item.name == "tag" {
                tags.append(try ImageTag(parsing: item.value))
            }
            guard tags.count <= Self.tagLimit else {
                throw RegistryError(
                    .uriTooLong, .manifestInvalid, "more than \(Self.tagLimit) tags were given")
            }
        }
        let repository = RegistryResource.record(name)
        let writer = store.write(digest.algorithm)
        try await writer.append(bytes)
        let content = try await writer.finish().content
        let (named, all) = (digest, tags)
        try await access.adding(to: repository.project) {
            try await store.put(document, content, as: named, tags: all, in: repository, by: caller.name)
        }
        var fields = HTTPFields([
            "Location": "/v2/\(name)/manifests/\(digest)", "Docker-Content-Digest": digest.text,
        ])
        if let subject = document.subject { fields["OCI-Subject"] = subject.digest.text }
        if case .digest = manifest { for tag in tags { fields.append(name: "OCI-Tag", value: tag.text) } }
        return HTTPResponse(.created, fields: fields)
    }

    func deleteManifest(
        _ manifest: ManifestName, _ name: RepositoryName
    ) async throws -> HTTPResponse {
        switch manifest {
        case .tag(let tag): try await store.deleteTag(tag, in: name)
        case .digest(let digest): try await store.deleteManifest(digest, in: name)
        }
        return HTTPResponse(.accepted)
    }
}
