import CPQ
import Core
import Databases

/// Runs transactions over one connection at a time, and makes a new one when it is lost. Used by one thread.
///
/// What stands around the program's statements is not sent by itself but with the next of them, so that a transaction of one
/// statement takes two round trips, and each further one of its group one.
final class Session: TransactionEngine {
    let connector: Connector
    private(set) var link: Link?
    /// What is to be sent with the next statement.
    var controls: [Control] = []
    /// Round trips since the transaction began.
    var trips = 0
    private var mayWrite = false
    /// The first error of a statement since the transaction or its savepoint began. No statement runs after it.
    var failure: DatabaseError?
    /// Whether `failure` has taken down the whole transaction, and not only what ran since the savepoint.
    var isBroken = false
    /// The number that the server has given the transaction.
    var number: String?
    /// Round trips whose answers nobody has waited for.
    var owed = 0
    private var arguments = Arguments()
    /// What the program's statements are in PostgreSQL's words.
    var translations: [String: Dialect] = [:]
    /// For each connection: when the server must have answered, and whether somebody wants to stop.
    var prepareToWait: (Link) -> Void = { _ in }

    /// The program has a few hundred statements; more means that somebody builds them from data.
    static let cacheLimit = 256
    /// How many executions of one statement go into a round trip: it bounds what lies in buffers.
    private static let batchLimit = 1024

    init(_ connector: Connector) { self.connector = connector }

    var name: String { connector.name }

    /// Which server it spoke to last.
    var identity: String? { link?.identity }

    /// Lets go of the connection; the next statement makes a new one.
    func disconnect() {
        link = nil
        owed = 0
    }

    private func connected() throws(DatabaseError) -> Link {
        if let link, !link.isLost { return link }
        disconnect()
        let made = try connector.connect()
        link = made
        return made
    }

    // MARK: Transactions

    func beginReading() {
        begin([.beginReading])
        mayWrite = false
    }

    func beginWriting() {
        begin([.beginWriting, .lock])
        mayWrite = true
    }

    private func begin(_ opening: [Control]) {
        controls = opening
        trips = 0
        failure = nil
        isBroken = false
        number = nil
    }

    /// Begins what can be undone alone.
    func save() {
        failure = nil
        controls.append(.save)
    }

    /// Ends what ``save()`` began, and undoes it or keeps it.
    func release(keeping: Bool) {
        // Nothing ran in it.
        if controls.last == .save {
            controls.removeLast()
        } else {
            controls += keeping ? [.release] : [.undo, .release]
        }
        failure = nil
    }

    /// Commits, and returns once that is on the disk.
    ///
    /// - Throws: with ``isInDoubt`` set where the answer was lost on its way.
    func commit() throws(DatabaseError) {
        isInDoubt = false
        guard trips > 0 else { return }
        controls.append(.commit)
        do {
            try trip { _ throws(DatabaseError) in
            } receive: { _ throws(DatabaseError) in
            }
        } catch {
            isInDoubt = link?.isLost ?? true
            if !isInDoubt { rollback() }
            throw error
        }
    }

    /// Whether nobody knows what became of the last commit.
    private(set) var isInDoubt = false

    /// Undoes the transaction. Nobody waits for the answer: it comes before that to the next statement.
    func rollback() {
        defer { begin([]) }
        guard trips > 0, let link, !link.isLost else { return }
        do throws(DatabaseError) {
            try send(.rollback, on: link)
            try link.sync()
            owed += 1
        } catch {
            // The connection is gone, and the transaction with it.
            disconnect()
        }
    }

    // MARK: TransactionEngine

    func execute(_ sql: String, _ parameters: [DatabaseValue]) throws(DatabaseError) -> Int {
        try executeBatch(sql, [parameters])
    }

    func executeBatch(_ sql: String, _ lists: [[DatabaseValue]]) throws(DatabaseError) -> Int {
        var changes = 0
        var start = 0
        while start < lists.count {
            let chunk = lists[start..<min(start + Self.batchLimit, lists.count)]
            try run(sql, chunk) { rows, _ in changes += rows.changes }
            start = chunk.endIndex
        }
        return changes
    }

    func forEachRow(
        _ sql: String, _ parameters: [DatabaseValue], _ body: (Row) -> Bool
    ) throws(DatabaseError) {
        var found: (Rows, Columns)?
        try run(sql, [parameters][...]) { found = ($0, $1) }
        guard let (rows, columns) = found else { return }
        do throws(DatabaseError) {
            for index in 0..<rows.count {
                guard body(try rows.row(index, columns)) else { return }
            }
        } catch {
            failure = error
            throw error
        }
    }

    func now() throws(DatabaseError) -> Timestamp {
        let sql = "SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000000 AS BIGINT)"
        var found: (Rows, Columns)?
        try run(sql, [[]][...], isOwn: true) { found = ($0, $1) }
        guard let (rows, columns) = found, rows.count == 1 else {
            throw DatabaseError(.other, "the database \(name) does not know the time")
        }
        return try rows.row(0, columns).get(0)
    }

    // MARK: Running statements

    /// Runs `sql` for each list of parameters, in one round trip, and gives `receive` what comes back.
    private func run(
        _ sql: String, _ lists: ArraySlice<[DatabaseValue]>, isOwn: Bool = false,
        _ receive: (Rows, Columns) -> Void
    ) throws(DatabaseError) {
        if let failure { throw failure }
        do throws(DatabaseError) {
            let dialect = try translate(sql, isOwn: isOwn)
            for list in lists { try check(list, dialect, sql) }
            try attempt { (link) throws(DatabaseError) in
                try run(sql, dialect, lists, on: link, receive)
            }
        } catch {
            if failure == nil { failure = error }
            throw error
        }
    }

    /// Runs `body` with a connection. If that turns out to be gone, and nothing of the transaction had arrived on it, once more with
    /// a new one: that happens to the first who comes after the server was restarted.
    private func attempt(_ body: (Link) throws(DatabaseError) -> Void) throws(DatabaseError) {
        let opening = trips == 0 ? controls : nil
        let old = link
        let first = try connected()
        do throws(DatabaseError) {
            return try body(first)
        } catch {
            isBroken = isBroken || first.isLost
            guard let opening, first.isLost, old === first else { throw error }
            (controls, trips, failure, number, isBroken) = (opening, 0, nil, nil, false)
        }
        let second = try connected()
        do throws(DatabaseError) {
            try body(second)
        } catch {
            isBroken = isBroken || second.isLost
            throw error
        }
    }

    private func run(
        _ sql: String, _ dialect: Dialect, _ lists: ArraySlice<[DatabaseValue]>, on link: Link,
        _ receive: (Rows, Columns) -> Void
    ) throws(DatabaseError) {
        var rest = lists
        while let head = rest.first {
            let statement = try prepared(sql, dialect, for: head, on: link)
            // Those of the same types go together.
            let count = rest.prefix { statement.fits($0) }.count
            let group = rest.prefix(max(1, count))
            rest = rest.dropFirst(group.count)
            try trip(on: link) { (link) throws(DatabaseError) in
                for list in group {
                    arguments.fill(list, statement.types)
                    try arguments.send(statement, on: link)
                }
            } receive: { (link) throws(DatabaseError) in
                for _ in group {
                    let answer = try link.command()
                    switch answer {
                    case .rows(let rows):
                        if failure == nil { receive(rows, statement.columns) }
                    case .failed(let error):
                        if error.isStale { link.statements[sql] = nil }
                        fail(with: error, sql)
                    case .skipped: break
                    }
                }
            }
            if let failure { throw failure }
        }
    }

    func fail(with error: ServerError, _ sql: String) {
        guard failure == nil else { return }
        if error.state == "25006", !mayWrite {
            failure = DatabaseError(
                .statement, "a read may not change the database, as '\(sql.prefix(200))' would")
        } else {
            failure = error.explained("'\(sql.prefix(200))' failed", on: name)
        }
    }
}
