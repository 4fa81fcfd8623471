public import APIServers
public import AccessKeyMessages
public import Core
import Documents
import HTTPModel
public import HTTPRouting
import Identity

/// `/api/v1/access-keys`, and where the object store answers.
public struct AccessKeyRoutes: Sendable {
    public static let tags: [(name: String, description: String)] = [
        ("objects", "Where the object store answers, and the keys that S3 clients sign with.")
    ]

    private let store: AccessKeyStore
    private let environment: Environment
    private let endpoint: @Sendable () -> ObjectStoreView?

    /// - Parameter endpoint: where the store answers; nil where it does not.
    public init(
        _ store: AccessKeyStore, environment: Environment,
        endpoint: @escaping @Sendable () -> ObjectStoreView?
    ) {
        self.store = store
        self.environment = environment
        self.endpoint = endpoint
    }

    private static let id = Parameter<String>.path("key", "The access key's id.", schema: .string(1...128))
    private static let project = Parameter<String>.query(
        "project", "Where buckets that are made with it belong.", schema: .string(.name), default: "default")

    public var routes: [Route<Caller>] { [describe, create, list, remove] }

    private var describe: Route<Caller> {
        Route(
            .get, "/api/v1/objects", operation: "getObjectStore", summary: "Where the object store answers",
            tag: "objects", access: .authenticated,
            responses: [.json(.of(ObjectStoreView.self), "Its address.")]
        ) { _ in
            guard let endpoint = endpoint() else {
                throw ApolloError(
                    .unavailable, "the object store does not answer",
                    hint: "it may be switched off: the setting objects.enabled")
            }
            return try .json(endpoint)
        }
    }

    private var create: Route<Caller> {
        Route(
            .post, "/api/v1/access-keys", operation: "createAccessKey", summary: "Make an access key",
            description: """
                It is worth what the caller is, less what `permission` and `resources` leave out, and ends with the \
                program's token that it is made with. The answer is the only place where its secret ever stands.
                """,
            tag: "objects", access: .authenticated, parameters: [Self.project],
            body: .json(AccessKeyRequest.self),
            responses: [.json(.of(AccessKeyView.self), "The key, with its secret.", status: .created)]
        ) { call in
            let body = try await call.body(AccessKeyRequest.self)
            let credential = try call.context.known()
            AuditNote.note(resource: credential.principal.description)
            let project = call[Self.project]
            let scope = TokenScope(
                permission: body.permission.flatMap { Permission(rawValue: $0) } ?? .manage,
                resources: try (body.resources ?? []).map { try ResourceURI(parsing: $0) })
            let (record, secret) = try await self.store.create(
                note: body.note, project: project, scope: scope, age: body.age.map { .seconds($0) },
                by: credential, at: self.environment.wallClock.now)
            AuditNote.note(detail: "key \(record.id)")
            return try .json(
                Self.view(record, secret: secret.text), status: .created,
                fields: HTTPFields(["Cache-Control": "no-store"]))
        }
    }

    private var list: Route<Caller> {
        Route(
            .get, "/api/v1/access-keys", operation: "listAccessKeys", summary: "List access keys",
            description: "The caller's own; whoever manages people sees those of all.", tag: "objects",
            access: .authenticated, parameters: PageRequest.parameters,
            responses: [.json(.page(of: .of(AccessKeyView.self)), "A page of keys, without their secrets.")]
        ) { call in
            let (page, credential) = (try call.page(), try call.context.known())
            let after = page.cursor?.parts.first ?? ""
            let found = self.store.list(try self.seesAll(call, credential) ? nil : credential.principal)
                .filter { $0.id > after }
            let items = found.prefix(page.limit).map { Self.view($0, secret: nil) }
            let next = found.count > page.limit ? items.last.map { Cursor([$0.id]) } : nil
            return try .json(Page(items: Array(items), next: next))
        }
    }

    private var remove: Route<Caller> {
        Route(
            .delete, "/api/v1/access-keys/{key}", operation: "deleteAccessKey", summary: "End an access key",
            tag: "objects", access: .authenticated, parameters: [Self.id],
            responses: [.noContent("It is worth nothing any more.")]
        ) { call in
            let credential = try call.context.known()
            let isAll = try self.seesAll(call, credential)
            let found = self.store.list(isAll ? nil : credential.principal).first { $0.id == call[Self.id] }
            guard let found else {
                throw ApolloError(
                    .notFound, "no access key '\(call[Self.id])'", hint: "'apollo blob creds ls' lists them")
            }
            AuditNote.note(resource: found.principal.description, detail: "key \(found.id)")
            guard !credential.scope.isLimited else {
                throw ApolloError(.denied, "a token of limited scope ends no access keys", hint: "log in")
            }
            try await self.store.remove(found.id)
            return HTTPResponse(.noContent)
        }
    }

    /// Whoever manages people.
    private func seesAll(_ call: Call<Caller>, _ credential: Credential) throws -> Bool {
        call.context.access.allows(credential, .manage, on: .localCluster(.role))
    }

    private static func view(_ record: AccessKeyRecord, secret: String?) -> AccessKeyView {
        AccessKeyView(
            id: record.id, secret: secret, principal: record.principal.description, project: record.project,
            note: record.note, permission: record.scope.permission.rawValue,
            resources: record.scope.resources.map(\.description), createdAt: record.createdAt,
            expires: record.expires)
    }
}
