public import APIServers
import Core
import Documents
import HTTPModel
public import HTTPRouting
import Identity
public import KeyRings
import SecretMessages

/// `/api/v1/secrets`.
public struct SecretRoutes: Sendable {
    public static let tags: [(name: String, description: String)] = [
        ("secrets", "What tasks need and nobody else may see.")
    ]

    private let store: SecretStore
    private let keys: KeyRing
    /// All that a rotation of keys seals anew, whoever's it is.
    private let tables: [SealedTable]

    public init(_ store: SecretStore, keys: KeyRing, tables: [SealedTable] = [SecretStore.table]) {
        self.store = store
        self.keys = keys
        self.tables = tables
    }

    private static let name = Parameter<String>.path("secret", "The secret's name.", schema: .string(.name))
    private static let project = Parameter<String>.query(
        "project", "The project it belongs to.", schema: .string(.name), default: "default")
    private static let version = Parameter<Int?>.query(
        "version", "This version, rather than the newest.", schema: .integer(1...))
    private static let removed = Parameter<Int?>.query(
        "version", "This version alone, rather than the secret.", schema: .integer(1...))

    public var routes: [Route<Caller>] { [list, get, value, set, remove, rotate] }

    private var list: Route<Caller> {
        Route(
            .get, "/api/v1/secrets", operation: "listSecrets", summary: "List secrets, by their names",
            description: "Tells names, versions and sizes, never a secret.", tag: "secrets",
            access: .permissionFor {
                Caller.Permission(.list, try Resources.all(.secret, in: $0[Self.project]))
            },
            parameters: [Self.project] + PageRequest.parameters,
            responses: [.json(.page(of: .of(SecretRecord.self)), "A page of secrets.")]
        ) { call in
            let page = try call.page()
            let found = try await self.store.list(
                call[Self.project], after: page.cursor?.parts.first, limit: page.limit + 1)
            let items = Array(found.prefix(page.limit))
            let next = found.count > page.limit ? items.last.map { Cursor([$0.name]) } : nil
            return try .json(Page(items: items, next: next))
        }
    }

    private var get: Route<Caller> {
        Route(
            .get, "/api/v1/secrets/{secret}", operation: "getSecret",
            summary: "What is known of a secret, which is not the secret", tag: "secrets",
            access: Self.access(.list), parameters: [Self.name, Self.project],
            responses: [.json(.of(SecretRecord.self), "Its versions; its revision is the ETag.")]
        ) { call in
            let record = try await self.store.record(call[Self.name], in: call[Self.project])
            return try await call.conditional(EntityTag(revision: record.revision)) { try .json(record) }
        }
    }

    private var value: Route<Caller> {
        Route(
            .get, "/api/v1/secrets/{secret}/value", operation: "getSecretValue", summary: "Read a secret",
            description: "Each reading is recorded in the audit log.", tag: "secrets",
            access: Self.access(.read), parameters: [Self.name, Self.project, Self.version],
            responses: [.json(.of(SecretValue.self), "The secret.")]
        ) { call in
            let (version, secret) = try await self.store.value(
                call[Self.name], in: call[Self.project], version: call[Self.version].map(Int64.init))
            let answer = SecretValue(
                name: call[Self.name], version: version, value: SecretContent(secret))
            return try .json(answer, fields: HTTPFields(["Cache-Control": "no-store"]))
        }
    }

    private var set: Route<Caller> {
        Route(
            .put, "/api/v1/secrets/{secret}", operation: "setSecret", summary: "Store a secret's new version",
            description: """
                Makes the secret where there is none. Versions count up and never come again. `If-Match` has it \
                replace only the revision that was seen, `If-None-Match: *` only make a new one.
                """,
            tag: "secrets", access: Self.access(.write), parameters: [Self.name, Self.project],
            body: .json(SecretContent.self, limit: 2 << 20),
            responses: [
                .json(.of(SecretRecord.self), "What is known of it now."),
                .json(.of(SecretRecord.self), "The same, of a new one.", status: .created),
            ]
        ) { call in
            let secret = try await call.body(SecretContent.self).secret()
            let record = try await call.context.access.adding(to: call[Self.project]) {
                try await self.store.set(
                    call[Self.name], in: call[Self.project], secret, by: call.context.name
                ) { revision in try call.requireMatch(revision.map { EntityTag(revision: $0) }) }
            }
            let tag = EntityTag(revision: record.revision).description
            return try .json(
                record, status: record.versions.count == 1 ? .created : .ok, fields: HTTPFields(["ETag": tag])
            )
        }
    }

    private var remove: Route<Caller> {
        Route(
            .delete, "/api/v1/secrets/{secret}", operation: "deleteSecret",
            summary: "Remove a secret, or one version of it", tag: "secrets", access: Self.access(.write),
            parameters: [Self.name, Self.project, Self.removed], responses: [.noContent("It is removed.")]
        ) { call in
            try await self.store.remove(
                call[Self.name], in: call[Self.project], version: call[Self.removed].map(Int64.init),
                by: call.context.name
            ) { revision in try call.requireMatch(revision.map { EntityTag(revision: $0) }) }
            return HTTPResponse(.noContent)
        }
    }

    private var rotate: Route<Caller> {
        Route(
            .post, "/api/v1/secret-keys/rotate", operation: "rotateSecretKey",
            summary: "Seal everything with a new key",
            description: "Safe to be interrupted at any point: what is left is done by the next start.",
            tag: "secrets",
            access: .permissionFor { _ in Caller.Permission(.manage, try ResourceURI(.secret, ["local"])) },
            responses: [.json(.of(KeyRotationReport.self), "What was done.")]
        ) { _ in
            let result = try await self.keys.rotate(self.tables)
            return try .json(
                KeyRotationReport(key: result.newest.text, rows: result.rows, removed: result.removed))
        }
    }

    private static func access(_ level: Permission) -> Access<Caller> {
        .permissionFor { call in
            let resource = try Resources.one(.secret, call[name], in: call[project])
            AuditNote.note(resource: resource.description)
            return Caller.Permission(level, resource)
        }
    }
}
