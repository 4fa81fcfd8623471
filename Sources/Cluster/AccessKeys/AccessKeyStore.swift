public import Core
import Cryptography
public import Databases
public import Identity
public import KeyRings
import Synchronization

/// The access keys of all principals: sealed in the database, and open in memory, for every request needs one.
public final class AccessKeyStore: Sendable {
    /// After ``KeyRing/migrations``.
    public static let migrations = Migrations(
        component: "access_keys",
        [
            Migration(
                1, "access keys",
                [
                    """
                    CREATE TABLE access_keys (
                        id TEXT NOT NULL PRIMARY KEY, principal TEXT NOT NULL, project TEXT NOT NULL,
                        note TEXT NOT NULL, permission TEXT NOT NULL, resources TEXT NOT NULL,
                        created_at BIGINT NOT NULL, expires_at BIGINT, token TEXT,
                        key_id TEXT NOT NULL REFERENCES sealing_keys (id), sealed BYTEA NOT NULL)
                    """,
                    "CREATE INDEX access_keys_by_key ON access_keys (key_id)",
                ])
        ])

    /// What a rotation of keys seals anew.
    public static let table = SealedTable("access_keys", keys: ["id"]) { values in
        guard case .text(let id)? = values.first else { return SealingContext("access key") }
        return context(id)
    }

    /// The most keys of one principal.
    public static let limit = 100

    private struct Entry: Sendable {
        var record: AccessKeyRecord
        var secret: SecretBytes
    }

    private let database: any Database
    private let keys: KeyRing
    private let isGood: @Sendable (AccessKeyRecord) -> Bool
    private let entries = Mutex<[String: Entry]>([:])
    private let problem = Mutex<ApolloError?>(nil)

    /// - Parameter isGood: whether a key's owner is still there, and the token that it was made with.
    public init(
        _ database: any Database, keys: KeyRing, isGood: @escaping @Sendable (AccessKeyRecord) -> Bool
    ) {
        self.database = database
        self.keys = keys
        self.isGood = isGood
    }

    /// Reads the keys. Where they cannot be opened, because the master key is missing, they cannot be used, and all else can.
    public func load() async throws {
        let rows = try await database.read { try $0.query("SELECT * FROM access_keys") }
        do {
            var loaded: [String: Entry] = [:]
            for row in rows {
                let record = try AccessKeyRows.record(row)
                let secret = try keys.open(
                    Sealed(key: try row.get("key_id"), bytes: try row.get("sealed")), Self.context(record.id))
                loaded[record.id] = Entry(record: record, secret: secret)
            }
            entries.withLock { $0 = loaded }
        } catch let error as ApolloError {
            problem.withLock { $0 = error }
        }
    }

    private static func context(_ id: String) -> SealingContext { SealingContext("access key", id) }

    /// The key with this id, and its secret; nil where there is none, or none that is good.
    ///
    /// - Throws: ``ApolloError`` where the keys cannot be read at all.
    public func find(_ id: String) throws(ApolloError) -> (record: AccessKeyRecord, secret: SecretBytes)? {
        if let problem = problem.withLock(\.self) { throw problem }
        guard let entry = entries.withLock({ $0[id] }), isGood(entry.record) else { return nil }
        return (entry.record, entry.secret)
    }

    /// The keys of `principal`, or of all, by their ids.
    public func list(_ principal: Principal?) -> [AccessKeyRecord] {
        entries.withLock { Array($0.values) }.map(\.record)
            .filter { (principal == nil || $0.principal == principal) && isGood($0) }
            .sorted { $0.id < $1.id }
    }

    /// Makes a key for the owner of `credential`. It is worth at most what it is made with.
    public func create(
        note: String, project: String, scope: TokenScope, age: Duration?, by credential: Credential,
        at now: Timestamp
    ) async throws -> (record: AccessKeyRecord, secret: SecretBytes) {
        guard credential.scope.permission >= .write, credential.scope.contains(scope) else {
            throw ApolloError(
                .denied, "the new key would be good for more than the token it is made with",
                hint: "name a permission and resources within those of your own token, or log in")
        }
        let own = credential.kind == .personal ? credential.expires : nil
        let wanted = age.map { now.advanced(by: $0) }
        if let own, let wanted, wanted > own {
            throw ApolloError(
                .denied, "the new key would outlive the token it is made with, which expires at \(own)",
                hint: "give it a shorter life, or log in and make it then")
        }
        guard list(credential.principal).count < Self.limit else {
            throw ApolloError(
                .exhausted, "\(credential.principal) has \(Self.limit) access keys already",
                hint: "remove one: apollo blob creds rm")
        }
        let record = AccessKeyRecord(
            id: try Self.makeID(), principal: credential.principal, project: project, note: note,
            scope: scope,
            createdAt: now, expires: wanted ?? own,
            token: credential.kind == .personal ? credential.token : nil)
        let secret = SecretBytes(Array(Base64URL.encode(try SecureRandom.bytes(30)).utf8))
        try await store(record, secret)
        entries.withLock { $0[record.id] = Entry(record: record, secret: secret) }
        return (record, secret)
    }

    private func store(_ record: AccessKeyRecord, _ secret: SecretBytes) async throws {
        // A key that was replaced between sealing and storing is refused by the database: then again with the new one.
        for _ in 0..<3 {
            let sealed = try keys.seal(secret, Self.context(record.id))
            do {
                try await database.write { try AccessKeyRows.insert(record, sealed, $0) }
                return
            } catch let error as DatabaseError where error.kind == .constraint(.foreignKey) {
                continue
            } catch let error as DatabaseError {
                throw error.asApolloError
            }
        }
        throw ApolloError(.unavailable, "the keys are replaced all the time", hint: "try again in a moment")
    }

    /// Ends a key; nil where there is none.
    public func remove(_ id: String) async throws {
        do {
            try await database.write { try $0.execute("DELETE FROM access_keys WHERE id = ?", [.text(id)]) }
        } catch let error as DatabaseError {
            throw error.asApolloError
        }
        entries.withLock { $0[id] = nil }
    }

    /// 20 characters, as S3's own are: `APLK` and 80 random bits in base 32.
    private static func makeID() throws -> String {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".utf8)
        let digits = try SecureRandom.bytes(16).map { alphabet[Int($0 & 31)] }
        return "APLK" + String(decoding: digits, as: UTF8.self)
    }
}
