public import APIServers
import Core
import Documents
import HTTPModel
public import HTTPRouting
public import Identity
import ImageMessages
public import ImageStorage

/// `/api/v1/images`: what of the registry is not in the protocol of its clients.
public struct ImageRoutes: Sendable {
    public static let tags: [(name: String, description: String)] = [
        ("images", "What the image registry, under /v2, keeps and collects.")
    ]

    private let store: ImageStore?
    private let access: AccessControl

    /// - Parameter store: nil where the registry is switched off.
    public init(_ store: ImageStore?, access: AccessControl) {
        self.store = store
        self.access = access
    }

    private static let project = Parameter<String>.query(
        "project", "Whose images are counted.", schema: .string(.name), default: "default")
    private static let owner = Parameter<String>.path(
        "project", "Whose images they are.", schema: .string(.name))

    public var routes: [Route<Caller>] { [usage, quotas, setQuota, collect] }

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
            try .json(Self.view(try await self.known().usage(of: call[Self.project])))
        }
    }

    private var quotas: Route<Caller> {
        Route(
            .get, "/api/v1/images/quotas", operation: "listImageQuotas",
            summary: "How much the images of projects have, and may have",
            description: "Of the projects whose images the caller may list.",
            tag: "images", access: .authenticated, parameters: PageRequest.parameters,
            responses: [.json(.page(of: .of(ImageUsageView.self)), "A page, by the projects' names.")]
        ) { call in
            let (store, page) = (try self.known(), try call.page())
            let after = page.cursor?.parts.first
            let projects = try await store.projects().filter { project in
                guard after.map({ $0 < project }) ?? true else { return false }
                return call.context.may(
                    Caller.Permission(.list, try Resources.all(.image, in: project)))
            }
            var items: [ImageUsageView] = []
            for project in projects.prefix(page.limit) {
                items.append(Self.view(try await store.usage(of: project)))
            }
            let next = projects.count > page.limit ? items.last.map { Cursor([$0.project]) } : nil
            return try .json(Page(items: items, next: next))
        }
    }

    private var setQuota: Route<Caller> {
        Route(
            .put, "/api/v1/images/quotas/{project}", operation: "setImageQuota",
            summary: "Set how much the images of a project may have",
            description: """
                In place of what was set before; without `bytes` the project has what the setting `images.quota` says. What is there \
                already stays. It takes the right to manage the images of all projects.
                """,
            tag: "images",
            // Whoever manages a project is whom it bounds.
            access: .permissionFor { _ in Caller.Permission(.manage, .localCluster(.image)) },
            parameters: [Self.owner], body: .json(ImageQuotaRequest.self),
            responses: [.json(.of(ImageUsageView.self), "What there is, and may be.")]
        ) { call in
            let (store, project) = (try self.known(), call[Self.owner])
            let body = try await call.body(ImageQuotaRequest.self)
            AuditNote.note(
                resource: try Resources.all(.image, in: project).description, detail: "the quota of images")
            if body.bytes != nil {
                try await access.adding(to: project) { try await store.set(quota: body.bytes, of: project) }
            } else {
                // One of a project that is gone can be ended, too.
                try await store.set(quota: nil, of: project)
            }
            return try .json(Self.view(try await store.usage(of: project)))
        }
    }

    private static func view(_ usage: ImageStore.Usage) -> ImageUsageView {
        ImageUsageView(
            project: usage.project, repositories: usage.repositories, bytes: usage.bytes,
            quota: usage.quota)
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
