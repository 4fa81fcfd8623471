import Core
import Databases
import Identity
import KeyRings

/// The rows of access keys.
enum AccessKeyRows {
    static func insert(
        _ record: AccessKeyRecord, _ sealed: Sealed, _ transaction: borrowing Transaction
    ) throws {
        try transaction.execute(
            """
            INSERT INTO access_keys (id, principal, project, note, permission, resources, created_at, expires_at,
                token, key_id, sealed)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                .text(record.id), .text(record.principal.description), .text(record.project),
                .text(record.note), .text(record.scope.permission.rawValue),
                .text(record.scope.resources.map(\.description).joined(separator: "\n")),
                DatabaseValue(record.createdAt), DatabaseValue(record.expires), DatabaseValue(record.token),
                DatabaseValue(sealed.key), .blob(sealed.bytes),
            ])
    }

    static func record(_ row: Row) throws -> AccessKeyRecord {
        let resources: String = try row.get("resources")
        guard let permission = Permission(rawValue: try row.get("permission")) else {
            throw ApolloError(.corrupt, "an access key is for a permission that is not known")
        }
        return AccessKeyRecord(
            id: try row.get("id"), principal: try Principal(parsing: row.get("principal")),
            project: try row.get("project"), note: try row.get("note"),
            scope: TokenScope(
                permission: permission,
                resources: try resources.split(separator: "\n").map { try ResourceURI(parsing: String($0)) }),
            createdAt: try row.get("created_at"), expires: try row.get("expires_at"),
            token: try row.get("token"))
    }
}
