public import ClusterModel
public import Core
public import Databases
public import LeaderDecisions

/// The row that says who leads, and the managers there are, in the database they share.
public struct LeadershipStore: Sendable {
    /// After the manager's own, which has the row.
    public static let migrations = Migrations(
        component: "leadership",
        [
            Migration(
                1, "managers",
                [
                    "ALTER TABLE leadership ADD COLUMN since BIGINT",
                    """
                    CREATE TABLE managers (
                        id TEXT NOT NULL PRIMARY KEY, name TEXT NOT NULL UNIQUE, address TEXT NOT NULL,
                        version TEXT NOT NULL, token_hash TEXT NOT NULL, joined_at BIGINT NOT NULL, seen_at BIGINT)
                    """,
                ])
        ])

    /// What the database says to a manager that asks.
    public struct Sight: Sendable {
        public var answer: Leadership.Answer
        /// Who leads after it; nil where nobody ever has.
        public var row: LeadershipRow?
        /// By the database's clock.
        public var now: Timestamp
        /// All managers, by their names.
        public var managers: [ManagerRecord]
    }

    private let database: any Database

    public init(_ database: any Database) { self.database = database }

    // MARK: The lead

    /// Takes the lead for a process that has the database for itself, for as long as it has it: there is no other manager. A file may
    /// have lost its end, or be an older copy: the epoch is higher than any that workers have seen all the same, see
    /// ``startAnew(_:)``.
    public func seize(_ applicant: Applicant) async throws -> Int64 {
        try await database.write { transaction in
            let before = try Self.row(transaction)?.epoch ?? 0
            let epoch = max(before + 1, try Self.lowest(transaction))
            try transaction.execute("DELETE FROM managers WHERE id <> ?", [DatabaseValue(applicant.id)])
            try Self.admit(applicant, transaction)
            try Self.put(epoch, applicant.id, until: Timestamp(microseconds: 0), transaction)
            return epoch
        }
    }

    /// The name of the table with the row.
    public static let table = "leadership"

    /// Of a copy of the state that a platform is to go on from: whoever starts it may lead at once, and in a term that comes after all
    /// there were since the copy was made, which workers have obeyed and would hold against it.
    public static func startAnew(_ transaction: borrowing Transaction) throws {
        let lowest = try lowest(transaction)
        try transaction.execute(
            "UPDATE leadership SET epoch = CASE WHEN epoch < ? THEN ? ELSE epoch + 1 END, expires_at = 0",
            [.integer(lowest), .integer(lowest)])
    }

    /// More than any epoch there was. How many terms there were nobody knows who has an older copy, but there were fewer than milliseconds
    /// have passed since 1970: no manager is started twice in one.
    private static func lowest(_ transaction: borrowing Transaction) throws -> Int64 {
        try transaction.now().microseconds / 1000
    }

    /// Asks as `manager`, and notes that it is there, in one transaction.
    public func ask(
        _ request: Leadership.Request, as manager: NodeID, address: String, version: String, lease: Duration
    ) async throws -> Sight {
        try await database.write { transaction in
            let row = try Self.row(transaction)
            // After the row: who waited for another's transaction looks at the clock when it is its turn.
            let now = try transaction.now()
            let known = try transaction.execute(
                "UPDATE managers SET address = ?, version = ?, seen_at = ? WHERE id = ?",
                [.text(address), .text(version), DatabaseValue(now), DatabaseValue(manager)])
            guard known == 1 else {
                throw ApolloError(
                    .conflict, "this manager was taken out of the platform",
                    hint: "join again: 'apollo manager --join TOKEN@ADDRESS'")
            }
            let answer = try Self.answer(request, row, manager, lease, at: now, transaction)
            return Sight(
                answer: answer, row: try Self.row(transaction), now: now,
                managers: try Self.managers(transaction))
        }
    }

    private static func answer(
        _ request: Leadership.Request, _ row: LeadershipRow?, _ manager: NodeID, _ lease: Duration,
        at now: Timestamp, _ transaction: borrowing Transaction
    ) throws -> Leadership.Answer {
        switch request {
        case .look(let own):
            if let epoch = LeadershipRow.successor(of: row, own: own, at: now) {
                try put(epoch, manager, until: now.advanced(by: lease), transaction)
                return .taken(epoch: epoch)
            }
        case .renew(let epoch):
            if try prolong(epoch, until: now.advanced(by: lease), transaction) {
                return .renewed(epoch: epoch)
            }
        case .release(let epoch):
            _ = try prolong(epoch, until: Timestamp(microseconds: 0), transaction)
            return .released
        }
        guard let row else { throw ApolloError(.corrupt, "the leadership row is gone") }
        return .held(row, remaining: row.remaining(at: now))
    }

    private static func put(
        _ epoch: Int64, _ holder: NodeID, until end: Timestamp, _ transaction: borrowing Transaction
    ) throws {
        try transaction.execute(
            """
            INSERT INTO leadership (cluster, epoch, holder, expires_at, since) VALUES ('local', ?, ?, ?, ?)
            ON CONFLICT (cluster) DO UPDATE SET epoch = excluded.epoch, holder = excluded.holder,
                expires_at = excluded.expires_at, since = excluded.since
            """,
            [
                DatabaseValue(epoch), DatabaseValue(holder), DatabaseValue(end),
                DatabaseValue(try transaction.now()),
            ])
    }

    private static func prolong(
        _ epoch: Int64, until end: Timestamp, _ transaction: borrowing Transaction
    ) throws -> Bool {
        try transaction.execute(
            "UPDATE leadership SET expires_at = ? WHERE cluster = 'local' AND epoch = ?",
            [DatabaseValue(end), DatabaseValue(epoch)]) == 1
    }

    /// The row as it is; nil where nobody ever led.
    static func row(_ transaction: borrowing Transaction) throws -> LeadershipRow? {
        let row = try transaction.first(
            "SELECT epoch, holder, since, expires_at FROM leadership WHERE cluster = 'local'")
        guard let row else { return nil }
        return LeadershipRow(
            epoch: try row.get("epoch"), holder: try row.get("holder"), since: try row.get("since"),
            expiresAt: try row.get("expires_at"))
    }

    // MARK: The managers

    /// Who asks to be a manager, besides its identifier.
    public struct Applicant: Hashable, Sendable {
        public var id: NodeID
        public var name: String
        public var version: String
        /// The SHA-256 of the administrator's token on its machine, which every leader takes for the administrator's.
        public var tokenHash: String

        public init(id: NodeID, name: String, version: String, tokenHash: String) {
            self.id = id
            self.name = name
            self.version = version
            self.tokenHash = tokenHash
        }
    }

    /// Takes a manager in, or its new name where it is in already, in a transaction of the leader's.
    public static func admit(_ applicant: Applicant, _ transaction: borrowing Transaction) throws {
        let taken = try transaction.first(
            "SELECT id FROM managers WHERE name = ? AND id <> ?",
            [.text(applicant.name), DatabaseValue(applicant.id)])
        guard taken == nil else {
            throw ApolloError(
                .exists, "a manager called '\(applicant.name)' is in the platform already",
                hint:
                    "choose another --name, or take that one out with 'apollo node rm --manager \(applicant.name)'"
            )
        }
        guard try managers(transaction).count < maximumManagers else {
            throw ApolloError(
                .exhausted, "the platform has \(maximumManagers) managers, as many as it takes",
                hint: "three are enough; take those out that are gone with 'apollo node rm --manager'")
        }
        try transaction.execute(
            """
            INSERT INTO managers (id, name, address, version, token_hash, joined_at) VALUES (?, ?, '', ?, ?, ?)
            ON CONFLICT (id) DO UPDATE SET name = excluded.name, version = excluded.version,
                token_hash = excluded.token_hash
            """,
            [
                DatabaseValue(applicant.id), .text(applicant.name), .text(applicant.version),
                .text(applicant.tokenHash), DatabaseValue(try transaction.now()),
            ])
    }

    /// Whether this manager is in. The first of a platform takes itself in; where others are it has to join, and is told so by
    /// false. One that is in may come with another name or token.
    public func enter(_ applicant: Applicant) async throws -> Bool {
        try await database.write { transaction in
            let all = try Self.managers(transaction)
            guard all.isEmpty || all.contains(where: { $0.id == applicant.id }) else { return false }
            try Self.admit(applicant, transaction)
            return true
        }
    }

    /// The tokens' hashes of all managers' machines.
    public func tokenHashes() async throws -> [String] {
        try await database.read { transaction in
            try transaction.query("SELECT token_hash FROM managers LIMIT 100").map {
                try $0.get("token_hash")
            }
        }
    }

    private static let maximumManagers = 16

    /// Who leads, the time by the database's clock, and all managers by their names.
    public func all() async throws -> (row: LeadershipRow?, now: Timestamp, managers: [ManagerRecord]) {
        try await database.read { try (Self.row($0), $0.now(), Self.managers($0)) }
    }

    private static func managers(_ transaction: borrowing Transaction) throws -> [ManagerRecord] {
        try transaction.query(
            "SELECT id, name, address, version, joined_at, seen_at FROM managers ORDER BY name LIMIT 100"
        ).map { row in
            ManagerRecord(
                id: try row.get("id"), name: try row.get("name"), address: try row.get("address"),
                version: try row.get("version"), joinedAt: try row.get("joined_at"),
                seenAt: try row.get("seen_at"))
        }
    }

    /// Takes a manager out that does not lead. It is refused the next time it asks.
    public func remove(_ handle: String) async throws -> ManagerRecord {
        try await database.write { transaction in
            guard
                let found = try Self.managers(transaction).first(where: {
                    $0.name == handle || $0.id.text == handle
                })
            else {
                throw ApolloError(
                    .notFound, "no manager '\(handle)'", hint: "'apollo node ls --managers' lists them")
            }
            guard try Self.row(transaction)?.holder != found.id else {
                throw ApolloError(
                    .conflict, "manager '\(found.name)' leads", hint: "stop it first; another takes over")
            }
            try transaction.execute("DELETE FROM managers WHERE id = ?", [DatabaseValue(found.id)])
            return found
        }
    }
}
