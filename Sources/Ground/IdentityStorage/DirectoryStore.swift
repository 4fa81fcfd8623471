public import Core
import Cryptography
public import Databases
public import Identity
public import IdentityDecisions

/// Users, roles, grants, tokens and projects in a database. What a command changes is stored whole or not at all.
public struct DirectoryStore: Sendable {
    /// The schema. Realms and organisations come with the platform; until then there is one of each.
    public static let migrations = Migrations(
        component: "identity",
        [
            Migration(
                1, "users, roles, grants, tokens, projects",
                [
                    """
                    CREATE TABLE users (
                        principal TEXT NOT NULL PRIMARY KEY, realm TEXT NOT NULL, name TEXT NOT NULL,
                        password_hash TEXT, is_disabled BIGINT NOT NULL, created_at BIGINT NOT NULL,
                        created_by TEXT NOT NULL, revision BIGINT NOT NULL, request_key TEXT,
                        UNIQUE (realm, name))
                    """,
                    """
                    CREATE TABLE roles (
                        name TEXT NOT NULL PRIMARY KEY, created_at BIGINT NOT NULL, created_by TEXT NOT NULL,
                        request_key TEXT)
                    """,
                    """
                    CREATE TABLE role_members (
                        role TEXT NOT NULL, principal TEXT NOT NULL, PRIMARY KEY (role, principal))
                    """,
                    """
                    CREATE TABLE grants (
                        id TEXT NOT NULL PRIMARY KEY, principal TEXT, role TEXT, permission TEXT NOT NULL,
                        resource TEXT NOT NULL, created_at BIGINT NOT NULL, created_by TEXT NOT NULL)
                    """,
                    "CREATE INDEX grants_by_resource ON grants (resource)",
                    """
                    CREATE TABLE tokens (
                        id TEXT NOT NULL PRIMARY KEY, hash BYTEA NOT NULL UNIQUE, principal TEXT NOT NULL,
                        kind TEXT NOT NULL, note TEXT NOT NULL, permission TEXT NOT NULL, resources TEXT NOT NULL,
                        created_at BIGINT NOT NULL, expires_at BIGINT, request_key TEXT)
                    """,
                    """
                    CREATE TABLE projects (
                        organisation TEXT NOT NULL, name TEXT NOT NULL, created_at BIGINT NOT NULL,
                        created_by TEXT NOT NULL, request_key TEXT, PRIMARY KEY (organisation, name))
                    """,
                ]),
            Migration(2, "tokens by their end", ["CREATE INDEX tokens_by_end ON tokens (expires_at)"]),
        ])

    private let database: any Database

    public init(_ database: any Database) { self.database = database }

    /// Everything, as the changes that lead to it.
    public func load() async throws -> [DirectoryChange] {
        do {
            return try await database.read { transaction in try DirectoryRows.all(transaction) }
        } catch let error as DatabaseError {
            throw error.asApolloError
        }
    }

    /// Tokens that have expired before `time`, at most `limit` of them, the oldest first.
    public func tokens(expiredBefore time: Timestamp, limit: Int) async throws -> [TokenID] {
        do {
            return try await database.read { transaction in
                try transaction.query(
                    "SELECT id FROM tokens WHERE expires_at < ? ORDER BY expires_at LIMIT ?",
                    [DatabaseValue(time), DatabaseValue(limit)]
                ).map { try $0.get("id") }
            }
        } catch let error as DatabaseError {
            throw error.asApolloError
        }
    }

    /// Stores the changes of one command, durably.
    public func commit(_ changes: [DirectoryChange]) async throws {
        do {
            try await database.write { transaction in
                for change in changes { try Self.write(change, transaction) }
            }
        } catch let error as DatabaseError {
            throw error.asApolloError
        }
    }

    private static func write(_ change: DirectoryChange, _ transaction: borrowing Transaction) throws {
        switch change {
        case .putUser(let user): try DirectoryRows.put(user, transaction)
        case .removeUser(let principal):
            try transaction.execute("DELETE FROM users WHERE principal = ?", [.text("\(principal)")])
        case .putRole(let role):
            try transaction.execute(
                "INSERT INTO roles (name, created_at, created_by, request_key) VALUES (?, ?, ?, ?)",
                [
                    .text(role.name.text), DatabaseValue(role.createdAt), .text(role.createdBy),
                    DatabaseValue(role.requestKey),
                ])
        case .removeRole(let name):
            try transaction.execute("DELETE FROM roles WHERE name = ?", [.text(name.text)])
        case .assign(let role, let principal):
            try transaction.execute(
                "INSERT INTO role_members (role, principal) VALUES (?, ?)",
                [.text(role.text), .text("\(principal)")])
        case .unassign(let role, let principal):
            try transaction.execute(
                "DELETE FROM role_members WHERE role = ? AND principal = ?",
                [.text(role.text), .text("\(principal)")])
        case .addGrant(let record): try DirectoryRows.put(record, transaction)
        case .removeGrant(let record):
            try transaction.execute("DELETE FROM grants WHERE id = ?", [.text(record.id.text)])
        case .putToken(let token): try DirectoryRows.put(token, transaction)
        case .removeToken(let token):
            try transaction.execute("DELETE FROM tokens WHERE id = ?", [.text(token.id.text)])
        case .putProject(let project):
            try transaction.execute(
                """
                INSERT INTO projects (organisation, name, created_at, created_by, request_key)
                VALUES ('default', ?, ?, ?, ?)
                """,
                [
                    .text(project.name), DatabaseValue(project.createdAt), .text(project.createdBy),
                    DatabaseValue(project.requestKey),
                ])
        case .removeProject(let name):
            try transaction.execute(
                "DELETE FROM projects WHERE organisation = 'default' AND name = ?", [.text(name)])
        }
    }
}
