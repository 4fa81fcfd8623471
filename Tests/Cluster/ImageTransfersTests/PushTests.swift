import Concurrency
import Core
import Glibc
import ImageClients
import ImageFiles
import ImageModel
import ScriptedServers
import Testing

@testable import ImageTransfers

/// Images upon others of the same registry, whose layers the layout lacks.
struct PushTests {
    private static let layer = Array("the layer of a base".utf8)

    /// Pushes an image of one layer, which is not in its layout, to a registry that mounts it or does not; what the registry was asked.
    private func push(mounts: Bool, hasBase: Bool = true) async throws -> [String] {
        let server = ScriptedServer.serving { server, connection in
            while let request = connection.readRequest() {
                server.note("\(request.method) \(request.path) \(request.body == Self.layer ? "layer" : "")")
                switch (request.method, request.path) {
                case ("HEAD", _): connection.respond(404, "")
                case ("POST", _):
                    let isMounted = mounts && request.target.contains("mount=")
                    connection.respond(
                        isMounted ? 201 : 202, fields: ["Location: /v2/app/blobs/uploads/1"], "")
                case ("GET", "/v2/base/blobs/\(ImageDigest(of: Self.layer))"):
                    connection.respond(200, String(decoding: Self.layer, as: UTF8.self))
                default: connection.respond(201, "")
                }
            }
        }
        var template = Array("/tmp/apollo-push-XXXXXX".utf8CString)
        try #require(mkdtemp(&template) != nil)
        let path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let layout = try ImageLayout(preparing: path)
        defer { layout.remove() }
        let layer = ImageDescriptor(
            mediaType: ImageMediaType.layer, digest: ImageDigest(of: Self.layer),
            size: Int64(Self.layer.count))
        let configuration = try layout.add(
            ImageConfiguration(platform: .host, layers: [layer.digest]).bytes,
            mediaType: ImageMediaType.configuration)
        let manifest = try layout.add(
            ImageManifest(configuration: configuration, layers: [layer]).bytes,
            mediaType: ImageMediaType.manifest)
        let client = RegistryClient(environment: .live)
        let registry = ImageRegistry(
            .address("http://127.0.0.1:\(server.port)", authorization: nil), by: client)
        let result: Result<Void, any Error>
        do {
            result = .success(
                try await ImageTransfer(registry, layout, pool: BlockingPool(name: "push")).push(
                    manifest, to: try RepositoryName(parsing: "app"), tags: [],
                    layersOf: hasBase ? try RepositoryName(parsing: "base") : nil))
        } catch { result = .failure(error) }
        await client.close()
        try result.get()
        return server.requests
    }

    @Test func `a layer that the registry mounts is neither fetched nor sent`() async throws {
        let asked = try await push(mounts: true)
        #expect(!asked.contains { $0.hasPrefix("GET") || $0.hasSuffix("layer") })
    }

    @Test func `a layer that the registry does not mount is fetched from the base, and sent`() async throws {
        let asked = try await push(mounts: false)
        #expect(asked.count { $0.hasPrefix("GET /v2/base/blobs/") } == 1)
        #expect(asked.count { $0.hasPrefix("PUT /v2/app/blobs/uploads/1") && $0.hasSuffix("layer") } == 1)
    }

    @Test func `without a base a layer that is missing is an error`() async throws {
        await #expect(throws: ApolloError.self) { try await push(mounts: false, hasBase: false) }
    }
}
