public import APIServers
import Core
import Documents
import HTTPModel
public import HTTPRouting
import Identity
import ImageMessages
public import ImageStorage

/// `/api/v1/images`: what of the registry is not in the protocol of its clients.
public struct ImageRoutes: Sendable {
    public static let tags: [(name: String, description: String)] = [
        ("images", "What the image registry, under /v2, keeps and collects.")
    ]

    private let store: ImageStore?

    /// - Parameter store: nil where the registry is switched off.
    public init(_ store: ImageStore?) { self.store = store }

    private static let project = Parameter<String>.query(
        "project", "Whose images are counted.", schema: .string(.name), default: "default")

    public var routes: [Route<Caller>] { [usage, collect] }

    private func known() throws -> ImageStore {
        guard let store else {
            throw ApolloError(
                .unavailable, "the image registry is switched off", hint: "the setting images.enabled")
        }
        return store
    }

    private var usage: Route<Caller> {
        Route(
            .get, "/api/v1/images", operation: "getImageUsage", summary: "What the images of a project have",
            tag: "images",
            access: .permissionFor { call in
                Caller.Permission(.list, try Resources.all(.image, in: call[Self.project]))
            }, parameters: [Self.project],
            responses: [.json(.of(ImageUsageView.self), "Repositories and bytes.")]
        ) { call in
            let (store, project) = (try self.known(), call[Self.project])
            return try .json(
                ImageUsageView(
                    project: project, repositories: try await store.repositoryCount(in: project),
                    bytes: try await store.bytes(ofProject: project), quota: store.configuration.quota))
        }
    }

    private var collect: Route<Caller> {
        Route(
            .post, "/api/v1/images/collect", operation: "collectImages",
            summary: "Collect the garbage of the image registry",
            description: """
                Layers that no image uses, uploads that nobody has ended, and, where that is wanted, images without a tag. It is done \
                once an hour anyway, but for the last.
                """,
            tag: "images",
            access: .permissionFor { _ in Caller.Permission(.manage, .localCluster(.image)) },
            body: .json(ImageCollectionRequest.self, isRequired: false),
            responses: [.json(.of(ImageCollectionView.self), "What was removed.")]
        ) { call in
            let (store, body) = (try self.known(), try await call.body(ImageCollectionRequest.self))
            let done = try await store.collect(
                grace: body.grace.map { .seconds($0) }, untagged: body.untagged ?? false)
            return try .json(
                ImageCollectionView(
                    uploads: done.uploads, manifests: done.manifests, links: done.links, blobs: done.blobs,
                    bytes: done.bytes, repositories: done.repositories))
        }
    }
}
