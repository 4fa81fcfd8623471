public import Core
import Cryptography
public import Databases
import Synchronization

/// The phantom kind of ``SealingKeyID``.
public enum SealingKeyKind {}
public typealias SealingKeyID = Identifier<SealingKeyKind>

/// The keys that seal what the database keeps secret (AES-256-GCM). They are in the database themselves, sealed with a master
/// key that is not.
///
/// A ring that cannot be opened, because its master key is missing or is another, is locked: it says so whenever it is
/// used, and the rest of the platform goes on.
public final class KeyRing: Sendable {
    public static let migrations = Migrations(
        component: "keys",
        [
            Migration(
                1, "sealing keys",
                [
                    """
                    CREATE TABLE sealing_keys (
                        id TEXT NOT NULL PRIMARY KEY, master_id TEXT NOT NULL, sealed BYTEA NOT NULL,
                        created_at BIGINT NOT NULL)
                    """
                ])
        ])

    /// The keys of a ring that is open. The newest seals, every one opens.
    struct Keys: Sendable {
        var newest: SealingKeyID
        var ciphers: [SealingKeyID: AESGCM]

        func seal(_ secret: SecretBytes, _ context: SealingContext) throws(ApolloError) -> Sealed {
            do {
                let bytes = try ciphers[newest]!.seal(secret.bytes, context: context.bytes)
                return Sealed(key: newest, bytes: bytes)
            } catch {
                throw error.asApolloError
            }
        }

        func open(_ sealed: Sealed, _ context: SealingContext) throws(ApolloError) -> SecretBytes {
            guard let cipher = ciphers[sealed.key] else {
                throw ApolloError(
                    .corrupt, "the key \(sealed.key) of something sealed is not in the key ring")
            }
            do {
                return SecretBytes(try cipher.open(sealed.bytes, context: context.bytes))
            } catch {
                throw error.asApolloError
            }
        }
    }

    /// How a ring is, for those who look after it.
    public struct Status: Sendable {
        /// The master key in use; nil where the ring is locked.
        public var master: String?
        public var newest: SealingKeyID?
        public var count: Int
        /// Why the ring is locked.
        public var problem: ApolloError?
    }

    private enum State {
        case open(Keys, master: MasterKey)
        case locked(ApolloError)
    }

    private let state: Mutex<State>
    let database: any Database
    let environment: Environment

    private init(_ state: sending State, _ database: any Database, _ environment: Environment) {
        self.state = Mutex(state)
        self.database = database
        self.environment = environment
    }

    /// Opens the ring of `database` with the keys of `source`; makes both at the very first start.
    ///
    /// - Throws: what keeps the database from being read. What is wrong with the keys locks the ring.
    public static func open(
        _ source: MasterKeySource, _ database: any Database, environment: Environment
    ) async throws -> KeyRing {
        let stored = try await KeyRingStore(database: database).load()
        do {
            let masters = try masters(source, stored)
            let (keys, changed) = try KeyRingStore.unseal(stored, with: masters, environment)
            try await KeyRingStore(database: database).save(changed)
            return KeyRing(.open(keys, master: masters.first), database, environment)
        } catch let error as ApolloError {
            return KeyRing(.locked(error), database, environment)
        }
    }

    /// The ids of the master keys that what `database` holds sealed needs.
    public static func masters(of database: any Database) async throws -> [String] {
        Set(try await KeyRingStore(database: database).load().map(\.master)).sorted()
    }

    private static func masters(
        _ source: MasterKeySource, _ stored: [KeyRingStore.Row]
    ) throws(ApolloError) -> MasterKeys {
        if let found = try source.load() { return found }
        // Where something is sealed already a new key would open nothing of it.
        guard let row = stored.first else { return try source.make() }
        throw ApolloError(
            .unavailable, "the master key \(row.master) is missing: \(source.description) is not there",
            hint: "bring the file back; a backup made with --with-keys has it")
    }

    /// Seals `secret`, so that it opens with this ring, and in this context, alone.
    public func seal(_ secret: SecretBytes, _ context: SealingContext) throws(ApolloError) -> Sealed {
        try keys().seal(secret, context)
    }

    public func open(_ sealed: Sealed, _ context: SealingContext) throws(ApolloError) -> SecretBytes {
        try keys().open(sealed, context)
    }

    public var status: Status {
        state.withLock { state in
            switch state {
            case .open(let keys, let master):
                Status(master: master.id, newest: keys.newest, count: keys.ciphers.count)
            case .locked(let problem): Status(count: 0, problem: problem)
            }
        }
    }

    func keys() throws(ApolloError) -> Keys {
        let (keys, problem) = state.withLock { state -> (Keys?, ApolloError?) in
            switch state {
            case .open(let keys, _): (keys, nil)
            case .locked(let problem): (nil, problem)
            }
        }
        guard let keys else { throw problem ?? ApolloError(.internal, "the key ring has no state") }
        return keys
    }

    func master() throws(ApolloError) -> MasterKey {
        _ = try keys()
        return try state.withLock { state throws(ApolloError) in
            guard case .open(_, let master) = state else {
                throw ApolloError(.internal, "the key ring was closed meanwhile")
            }
            return master
        }
    }

    func change(_ change: (inout Keys) -> Void) {
        state.withLock { state in
            guard case .open(var keys, let master) = state else { return }
            change(&keys)
            state = .open(keys, master: master)
        }
    }
}
