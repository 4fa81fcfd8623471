import Core
import Cryptography
import Databases

/// The keys of a ring as the database has them.
struct KeyRingStore {
    struct Row: Sendable {
        var id: SealingKeyID
        /// The master key it is sealed with.
        var master: String
        var sealed: [UInt8]
        var createdAt: Timestamp
    }

    let database: any Database

    /// All keys, the oldest first: identifiers sort by age.
    func load() async throws -> [Row] {
        try await database.read { transaction in
            try transaction.query(
                "SELECT id, master_id, sealed, created_at FROM sealing_keys ORDER BY created_at, id"
            )
            .map { row in
                Row(
                    id: try row.get("id"), master: try row.get("master_id"), sealed: try row.get("sealed"),
                    createdAt: try row.get("created_at"))
            }
        }
    }

    func save(_ rows: [Row]) async throws {
        guard !rows.isEmpty else { return }
        try await database.write { transaction in
            for row in rows { try Self.save(row, transaction) }
        }
    }

    static func save(_ row: Row, _ transaction: borrowing Transaction) throws {
        try transaction.execute(
            """
            INSERT INTO sealing_keys (id, master_id, sealed, created_at) VALUES (?, ?, ?, ?)
            ON CONFLICT (id) DO UPDATE SET master_id = excluded.master_id, sealed = excluded.sealed
            """,
            [DatabaseValue(row.id), .text(row.master), .blob(row.sealed), DatabaseValue(row.createdAt)])
    }

    /// A new key, sealed with `master`.
    static func make(
        with master: MasterKey, at time: Timestamp, _ environment: Environment
    ) throws(ApolloError) -> (row: Row, cipher: AESGCM) {
        let id = environment.identifier(of: SealingKeyKind.self)
        do {
            let key = try SecureRandom.bytes(AESGCM.keyByteCount)
            let sealed = try master.cipher().seal(key, context: context(id).bytes)
            return (
                Row(id: id, master: master.id, sealed: sealed, createdAt: time), try AESGCM(key: key)
            )
        } catch {
            throw error.asApolloError
        }
    }

    /// Opens the keys with `masters`. Those under an older master key, and a first one where there is none, come back as
    /// rows to be saved.
    static func unseal(
        _ rows: [Row], with masters: MasterKeys, _ environment: Environment
    ) throws(ApolloError) -> (keys: KeyRing.Keys, changed: [Row]) {
        let needed = Set(rows.map(\.master))
        for id in needed.sorted() where !masters.all.contains(where: { $0.id == id }) {
            let given = masters.all.map(\.id).joined(separator: ", ")
            throw ApolloError(
                .unavailable, "the master key \(id) is wanted, and the one given is \(given)",
                hint: "bring back the right key; it may stand in a line after the new one")
        }
        var ciphers: [SealingKeyID: AESGCM] = [:]
        var changed: [Row] = []
        for row in rows {
            guard let master = masters.all.first(where: { $0.id == row.master }) else { continue }
            do {
                let key = try master.cipher().open(row.sealed, context: context(row.id).bytes)
                ciphers[row.id] = try AESGCM(key: key)
                guard master != masters.first else { continue }
                var row = row
                row.master = masters.first.id
                row.sealed = try masters.first.cipher().seal(key, context: context(row.id).bytes)
                changed.append(row)
            } catch {
                throw ApolloError(
                    .corrupt, "the key \(row.id) of the key ring cannot be opened with its master key",
                    hint: "its row is damaged: restore a backup of the database")
            }
        }
        guard let newest = rows.last?.id else {
            let (row, cipher) = try make(with: masters.first, at: environment.wallClock.now, environment)
            return (KeyRing.Keys(newest: row.id, ciphers: [row.id: cipher]), [row])
        }
        return (KeyRing.Keys(newest: newest, ciphers: ciphers), changed)
    }

    private static func context(_ id: SealingKeyID) -> SealingContext {
        SealingContext("sealing key", id.text)
    }
}
