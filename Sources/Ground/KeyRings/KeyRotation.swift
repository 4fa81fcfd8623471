public import Core
import Databases

/// What a rotation did.
public struct KeyRotationResult: Hashable, Sendable {
    public var newest: SealingKeyID
    /// The rows that were sealed anew.
    public var rows: Int
    /// The keys that nothing is sealed with any more, and that are gone.
    public var removed: Int
}

// Safe at any point: each step is a transaction after which everything can be opened. A key goes when no row needs it, which
// the database itself watches over; a rotation that was interrupted is completed by the next.
extension KeyRing {
    /// Makes a new key, seals all rows of `tables` with it, and forgets the old ones.
    public func rotate(_ tables: [SealedTable]) async throws -> KeyRotationResult {
        let master = try master()
        // Later than every key before it, whatever the clock says: the newest by time is the one that seals.
        let stored = try await KeyRingStore(database: database).load()
        let latest = stored.last?.createdAt ?? environment.wallClock.now
        let time = max(environment.wallClock.now, latest.advanced(by: .microseconds(1)))
        let (row, cipher) = try KeyRingStore.make(with: master, at: time, environment)
        try await KeyRingStore(database: database).save([row])
        change { keys in
            keys.ciphers[row.id] = cipher
            keys.newest = row.id
        }
        return try await finishRotation(tables)
    }

    /// Seals anew what is under older keys, and forgets these.
    public func finishRotation(_ tables: [SealedTable], batch: Int = 100) async throws -> KeyRotationResult {
        let keys = try keys()
        var rows = 0
        for table in tables {
            while true {
                let count = try await database.write { try table.reseal(batch, $0, with: keys) }
                rows += count
                guard count == batch else { break }
            }
        }
        var removed = 0
        for old in keys.ciphers.keys where old != keys.newest {
            guard try await remove(old) else { continue }
            removed += 1
            change { $0.ciphers[old] = nil }
        }
        return KeyRotationResult(newest: keys.newest, rows: rows, removed: removed)
    }

    /// Whether the key is gone; it stays where something was sealed with it just now.
    private func remove(_ key: SealingKeyID) async throws -> Bool {
        do {
            try await database.write { transaction in
                try transaction.execute("DELETE FROM sealing_keys WHERE id = ?", [DatabaseValue(key)])
            }
            return true
        } catch let error as DatabaseError {
            guard error.kind == .constraint(.foreignKey) else { throw error.asApolloError }
            return false
        }
    }
}
