public import APIServers
import AccessKeyMessages
import Core
import Documents
import HTTPModel
public import HTTPRouting
import Identity
import ObjectModel
public import ObjectStorage

/// `/api/v1/objects/quotas`: how much buckets and owners have, and may have.
public struct QuotaRoutes: Sendable {
    private let store: ObjectStore?

    /// - Parameter store: nil where no objects are served.
    public init(_ store: ObjectStore?) { self.store = store }

    private static let kind = Parameter<String>.path(
        "kind", "Whether it is of a bucket or of an owner.", schema: .values(["bucket", "owner"]))
    private static let name = Parameter<String>.path(
        "name", "The bucket, or the owner as S3 names one: of a person the name.", schema: .string(1...256))

    public var routes: [Route<Caller>] { [list, set] }

    private func known() throws -> ObjectStore {
        guard let store else {
            throw ApolloError(
                .unavailable, "the object store is switched off", hint: "the setting objects.enabled")
        }
        return store
    }

    private var list: Route<Caller> {
        Route(
            .get, "/api/v1/objects/quotas", operation: "listObjectQuotas",
            summary: "How much buckets and owners have, and may have",
            description: """
                Of the buckets that the caller may see, and of the caller; of all owners for whoever manages all buckets.
                """,
            tag: "objects", access: .authenticated, parameters: PageRequest.parameters,
            responses: [.json(.page(of: .of(ObjectUsageView.self)), "A page, by kind and name.")]
        ) { call in
            let (store, page) = (try self.known(), try call.page())
            let after = page.cursor?.parts ?? []
            let found = try await store.holdings().filter { holding in
                let place = [holding.subject.kind.rawValue, holding.subject.name]
                guard after.count != 2 || (after[0], after[1]) < (place[0], place[1]) else { return false }
                return try Self.sees(holding.subject, store, call.context)
            }
            let items = found.prefix(page.limit).map { Self.view($0) }
            let next = found.count > page.limit ? items.last.map { Cursor([$0.kind, $0.name]) } : nil
            return try .json(Page(items: Array(items), next: next))
        }
    }

    private var set: Route<Caller> {
        Route(
            .put, "/api/v1/objects/quotas/{kind}/{name}", operation: "setObjectQuota",
            summary: "Set how much a bucket or an owner may have",
            description: """
                In place of what was set before; without `bytes` and `objects` there is no limit any more. What is there already \
                stays. It takes the right to manage the objects of the bucket's project, or, for an owner, all of them.
                """,
            tag: "objects", access: .authenticated, parameters: [Self.kind, Self.name],
            body: .json(ObjectQuotaRequest.self),
            responses: [.json(.of(ObjectUsageView.self), "What there is, and may be.")]
        ) { call in
            let (store, body) = (try self.known(), try await call.body(ObjectQuotaRequest.self))
            let kind: ObjectQuota.Subject.Kind = call[Self.kind] == "bucket" ? .bucket : .owner
            let subject = ObjectQuota.Subject(kind, call[Self.name])
            let resource = try Self.governed(subject, store)
            AuditNote.note(resource: resource.description, detail: "the quota of \(subject)")
            try await call.context.require(Caller.Permission(.manage, resource))
            do {
                try await store.set(ObjectQuota(bytes: body.bytes, objects: body.objects), of: subject)
            } catch StoreError.noBucket {
                throw Self.noBucket(subject.name)
            }
            return try .json(Self.view(try await store.holding(of: subject)))
        }
    }

    /// What whoever sets a quota has to manage: more than the bucket, whose own managers it bounds.
    private static func governed(_ subject: ObjectQuota.Subject, _ store: ObjectStore) throws -> ResourceURI {
        guard case .bucket(let name) = subject else { return .localCluster(.blob) }
        guard let bucket = bucket(name, store) else { throw noBucket(name) }
        return try Resources.all(.blob, in: bucket.project)
    }

    private static func bucket(_ name: String, _ store: ObjectStore) -> BucketRecord? {
        guard let name = BucketName(parsing: name) else { return nil }
        do throws(StoreError) { return try store.bucket(name) } catch { return nil }  // There is none.
    }

    private static func noBucket(_ name: String) -> ApolloError {
        ApolloError(.notFound, "no bucket '\(name)'", hint: "'apollo blob ls' lists them")
    }

    private static func sees(
        _ subject: ObjectQuota.Subject, _ store: ObjectStore, _ caller: Caller
    ) throws -> Bool {
        switch subject {
        case .owner(let name):
            return try name == S3Owner.id(caller.known().principal)
                || caller.may(Caller.Permission(.manage, .localCluster(.blob)))
        case .bucket(let name):
            guard let bucket = bucket(name, store) else { return false }
            return caller.may(
                Caller.Permission(.list, try BlobResource.bucket(name, in: bucket.project)))
        // Theirs are told by the registry.
        case .images: return false
        }
    }

    private static func view(_ holding: ObjectStore.Holding) -> ObjectUsageView {
        ObjectUsageView(
            kind: holding.subject.kind.rawValue, name: holding.subject.name, bytes: holding.usage.bytes,
            objects: holding.usage.objects, quota: holding.quota.bytes, objectQuota: holding.quota.objects)
    }
}
