import Core
import Cryptography
import Databases
import Identity
import IdentityDecisions

/// Records as rows, and back.
enum DirectoryRows {
    static func put(_ user: User, _ transaction: borrowing Transaction) throws {
        try transaction.execute(
            """
            INSERT INTO users (principal, realm, name, password_hash, is_disabled, created_at, created_by, revision,
                request_key)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (principal) DO UPDATE SET password_hash = excluded.password_hash,
                is_disabled = excluded.is_disabled, revision = excluded.revision
            """,
            [
                .text("\(user.principal)"), .text(user.principal.realm), .text(user.name),
                DatabaseValue(user.passwordHash), user.isDisabled.databaseValue,
                DatabaseValue(user.createdAt),
                .text(user.createdBy), .integer(user.revision), DatabaseValue(user.requestKey),
            ])
    }

    static func put(_ record: GrantRecord, _ transaction: borrowing Transaction) throws {
        var principal: String?
        var role: String?
        switch record.grant.subject {
        case .principal(let holder): principal = holder.description
        case .role(let name): role = name.text
        }
        try transaction.execute(
            """
            INSERT INTO grants (id, principal, role, permission, resource, created_at, created_by)
            VALUES (?, ?, ?, ?, ?, ?, ?)
            """,
            [
                .text(record.id.text), DatabaseValue(principal), DatabaseValue(role),
                .text(record.grant.permission.rawValue), .text("\(record.grant.resource)"),
                DatabaseValue(record.createdAt), .text(record.createdBy),
            ])
    }

    static func put(_ token: TokenRecord, _ transaction: borrowing Transaction) throws {
        try transaction.execute(
            """
            INSERT INTO tokens (id, hash, principal, kind, note, permission, resources, created_at, expires_at,
                request_key)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                .text(token.id.text), .blob(token.hash.bytes), .text("\(token.principal)"),
                .text(token.kind.rawValue), .text(token.note), .text(token.scope.permission.rawValue),
                .text(token.scope.resources.map { "\($0)" }.joined(separator: "\n")),
                DatabaseValue(token.createdAt), DatabaseValue(token.expires), DatabaseValue(token.requestKey),
            ])
    }

    static func all(_ transaction: borrowing Transaction) throws -> [DirectoryChange] {
        var changes: [DirectoryChange] = []
        try transaction.forEachRow("SELECT * FROM projects") { changes.append(.putProject(try project($0))) }
        try transaction.forEachRow("SELECT * FROM users") { changes.append(.putUser(try user($0))) }
        try transaction.forEachRow("SELECT * FROM roles") { changes.append(.putRole(try role($0))) }
        try transaction.forEachRow("SELECT role, principal FROM role_members") { row in
            changes.append(
                .assign(
                    try RoleName(parsing: row.get("role")), try Principal(parsing: row.get("principal"))))
        }
        try transaction.forEachRow("SELECT * FROM grants") { changes.append(.addGrant(try grant($0))) }
        try transaction.forEachRow("SELECT * FROM tokens") { changes.append(.putToken(try token($0))) }
        return changes
    }

    private static func project(_ row: Row) throws -> Project {
        Project(
            name: try row.get("name"), createdAt: try row.get("created_at"),
            createdBy: try row.get("created_by"),
            requestKey: try row.get("request_key"))
    }

    private static func user(_ row: Row) throws -> User {
        User(
            principal: try Principal(parsing: row.get("principal")),
            passwordHash: try row.get("password_hash"),
            isDisabled: try row.get("is_disabled"), createdAt: try row.get("created_at"),
            createdBy: try row.get("created_by"), revision: try row.get("revision"),
            requestKey: try row.get("request_key"))
    }

    private static func role(_ row: Row) throws -> Role {
        Role(
            name: try RoleName(parsing: row.get("name")), createdAt: try row.get("created_at"),
            createdBy: try row.get("created_by"), requestKey: try row.get("request_key"))
    }

    private static func grant(_ row: Row) throws -> GrantRecord {
        let principal: String? = try row.get("principal")
        let subject: Subject =
            if let principal { .principal(try Principal(parsing: principal)) } else {
                .role(try RoleName(parsing: row.get("role")))
            }
        return GrantRecord(
            id: try row.get("id"),
            grant: Grant(
                subject, try value(row, "permission"), on: try ResourceURI(parsing: row.get("resource"))),
            createdAt: try row.get("created_at"), createdBy: try row.get("created_by"))
    }

    private static func token(_ row: Row) throws -> TokenRecord {
        guard let hash = SHA256Digest(bytes: try row.get("hash")) else {
            throw DatabaseError(.mismatch, "a token's hash has not \(SHA256Digest.byteCount) bytes")
        }
        let resources: String = try row.get("resources")
        return TokenRecord(
            id: try row.get("id"), hash: hash, principal: try Principal(parsing: row.get("principal")),
            kind: try value(row, "kind"), note: try row.get("note"),
            scope: TokenScope(
                permission: try value(row, "permission"),
                resources: try resources.split(separator: "\n").map { try ResourceURI(parsing: String($0)) }),
            createdAt: try row.get("created_at"), expires: try row.get("expires_at"),
            requestKey: try row.get("request_key"))
    }

    private static func value<Value: RawRepresentable<String>>(_ row: Row, _ column: String) throws -> Value {
        let text: String = try row.get(column)
        guard let value = Value(rawValue: text) else {
            throw DatabaseError(.mismatch, "'\(text)' is no \(column)")
        }
        return value
    }
}
