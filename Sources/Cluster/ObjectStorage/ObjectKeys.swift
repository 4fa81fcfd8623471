import Core
import Cryptography
public import Databases
public import KeyRings
import Synchronization

/// The key that the store hides bytes by, sealed in the database by the platform's key ring. It is made when it is first needed.
public final class ObjectKeys: Sendable {
    /// After ``KeyRing/migrations``.
    public static let migrations = Migrations(
        component: "object_keys",
        [
            Migration(
                1, "the key of objects",
                [
                    """
                    CREATE TABLE object_keys (
                        id TEXT NOT NULL PRIMARY KEY, key_id TEXT NOT NULL REFERENCES sealing_keys (id),
                        sealed BYTEA NOT NULL)
                    """,
                    "CREATE INDEX object_keys_by_key ON object_keys (key_id)",
                ])
        ])

    /// What a rotation of keys seals anew.
    public static let table = SealedTable("object_keys", keys: ["id"]) { _ in context }
    private static let context = SealingContext("object key", name)
    private static let name = "objects"

    private let database: any Database
    private let ring: KeyRing
    private let known = Mutex<SecretBytes?>(nil)

    public init(_ database: any Database, _ ring: KeyRing) {
        self.database = database
        self.ring = ring
    }

    /// - Throws: ``ApolloError`` where the ring cannot be opened.
    func secret() async throws -> SecretBytes {
        if let secret = known.withLock(\.self) { return secret }
        // A key that was replaced between sealing and storing is refused by the database: then again with the new one.
        for _ in 0..<3 {
            if let row = try await database.read({
                try $0.first("SELECT key_id, sealed FROM object_keys WHERE id = ?", [.text(Self.name)])
            }) {
                let secret = try ring.open(
                    Sealed(key: try row.get("key_id"), bytes: try row.get("sealed")), Self.context)
                known.withLock { $0 = secret }
                return secret
            }
            let sealed = try ring.seal(SecretBytes(try SecureRandom.bytes(32)), Self.context)
            do {
                // Of two who make one at the same time one does: both read that.
                try await database.write { transaction in
                    try transaction.execute(
                        """
                        INSERT INTO object_keys (id, key_id, sealed) VALUES (?, ?, ?) ON CONFLICT (id) DO NOTHING
                        """, [.text(Self.name), DatabaseValue(sealed.key), .blob(sealed.bytes)])
                }
            } catch let error as DatabaseError where error.kind == .constraint(.foreignKey) {
                continue
            }
        }
        throw ApolloError(.unavailable, "the keys are replaced all the time", hint: "try again in a moment")
    }
}
