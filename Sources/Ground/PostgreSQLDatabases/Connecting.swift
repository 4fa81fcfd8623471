import CPQ
import Concurrency
import Core
import Databases
import Glibc
import Synchronization

/// What those who connect to one database know from each other.
final class Reachability: Sendable {
    /// How often one of them got a connection: whoever failed before the last time need not wait.
    let connections = Atomic<Int>(0)
}

/// Makes connections, and waits longer from try to try while the server is away.
final class Connector {
    private let location: PostgreSQLLocation
    private let options: PostgreSQLOptions
    private let environment: Environment
    private var backoff: Backoff
    private let reachability: Reachability
    /// Why the last try failed, when the next may be made, and how many connections there had been.
    private var failure: (error: DatabaseError, next: MonotonicInstant, connections: Int)?

    init(
        _ location: PostgreSQLLocation, _ options: PostgreSQLOptions, _ environment: Environment,
        _ reachability: Reachability = Reachability()
    ) {
        self.reachability = reachability
        self.location = location
        self.options = options
        self.environment = environment
        backoff = Backoff(base: options.reconnectBase, cap: options.reconnectCap)
    }

    var name: String { location.description }
    var now: MonotonicInstant { environment.clock.now }

    /// A connection, or why there is none. It fails at once while it is not yet time for another try, unless somebody else has got one.
    func connect() throws(DatabaseError) -> Link {
        let connections = reachability.connections.load(ordering: .relaxed)
        if let failure, failure.connections == connections, environment.clock.now < failure.next {
            throw failure.error
        }
        do throws(DatabaseError) {
            let link = try open()
            reachability.connections.add(1, ordering: .relaxed)
            failure = nil
            backoff.reset()
            return link
        } catch {
            let wait = backoff.next(random: environment.random) ?? options.reconnectCap
            failure = (error, environment.clock.now.advanced(by: wait), connections)
            throw error
        }
    }

    private func open() throws(DatabaseError) -> Link {
        let pointer = try openPlain()
        let identity = Self.text("SELECT system_identifier::text FROM pg_control_system()", [], pointer)
        let line = Self.text("SELECT timeline_id::text FROM pg_control_checkpoint()", [], pointer)
        return try Link(
            pointer, name: name, identity: identity.flatMap { id in line.map { "\(id)/\($0)" } },
            clock: environment.clock)
    }

    /// A connection that is set up, for one command after another.
    func openPlain() throws(DatabaseError) -> OpaquePointer {
        let parameters: [String: String]
        do throws(ApolloError) {
            parameters = try location.resolved()
        } catch {
            throw DatabaseError(.unavailable, error.message, hint: error.hint)
        }
        let pointer = Self.start(parameters, seconds: max(2, Int(options.connectLimit.components.seconds)))
        guard let pointer else {
            throw DatabaseError(.unavailable, "cannot connect to the database \(name): out of memory")
        }
        do throws(DatabaseError) {
            guard PQstatus(pointer) == CONNECTION_OK else { throw refusal(pointer) }
            cpq_silence(pointer)
            try check(pointer)
            try setUp(pointer)
        } catch {
            PQfinish(pointer)
            throw error
        }
        return pointer
    }

    /// Waits until it is there or has failed; libpq keeps to the time allowed for each address.
    private static func start(_ parameters: [String: String], seconds: Int) -> OpaquePointer? {
        var parameters = parameters
        if parameters["connect_timeout"] == nil { parameters["connect_timeout"] = String(seconds) }
        let pairs = parameters.sorted { $0.key < $1.key }
        var keys = pairs.map { strdup($0.key) }
        var values = pairs.map { strdup($0.value) }
        defer {
            for pointer in keys + values { free(pointer) }
        }
        keys.append(nil)
        values.append(nil)
        return keys.map { UnsafePointer($0) }.withUnsafeBufferPointer { keys in
            values.map { UnsafePointer($0) }.withUnsafeBufferPointer { values in
                PQconnectdbParams(keys.baseAddress, values.baseAddress, 0)
            }
        }
    }

    /// Why the server, or the way to it, refused.
    private func refusal(_ pointer: OpaquePointer) -> DatabaseError {
        let reason = String(cString: PQerrorMessage(pointer)).oneLine
        let hint: String
        if reason.contains("does not exist"), reason.contains("database") {
            hint = "make it, as docs/operate/database.md says, or mend database.url"
        } else if reason.contains("password") || reason.contains("authentication") || reason.contains("role")
        {
            hint =
                "check the user in database.url, the password (database.password.file) and the server's pg_hba.conf"
        } else if reason.contains("certificate") || reason.contains("SSL") || reason.contains("TLS") {
            hint =
                "name the server's authority in database.url: ?sslrootcert=FILE; sslmode says how much is asked of it"
        } else if reason.contains("too many") || reason.contains("remaining connection slots") {
            hint = "raise max_connections on the server, or end what else is connected; Apollo needs 4"
        } else {
            hint = Link.patienceHint
        }
        return DatabaseError(
            .unavailable, "cannot connect to the database \(name): \(reason)", hint: hint)
    }

    private func check(_ pointer: OpaquePointer) throws(DatabaseError) {
        let version = PQserverVersion(pointer)
        guard version >= 130_000 else {
            throw DatabaseError(
                .unavailable,
                "the server of the database \(name) is PostgreSQL \(version / 10_000), Apollo needs 13 or newer",
                hint: "upgrade the server")
        }
        let encoding = PQparameterStatus(pointer, "server_encoding").map { String(cString: $0) } ?? "unknown"
        guard encoding == "UTF8" else {
            throw DatabaseError(
                .unavailable, "the database \(name) has the encoding \(encoding), Apollo needs UTF8",
                hint: "make one: createdb --encoding UTF8 --template template0 --owner USER DATABASE")
        }
    }

    private func setUp(_ pointer: OpaquePointer) throws(DatabaseError) {
        func milliseconds(_ duration: Duration) -> Int64 { max(1, duration.inNanoseconds / 1_000_000) }
        // What is acknowledged is on the server's disk, whatever the server does by itself.
        let settings = """
            SELECT set_config('synchronous_commit', CASE current_setting('synchronous_commit')
                WHEN 'off' THEN 'on' ELSE current_setting('synchronous_commit') END, false);
            SET idle_in_transaction_session_timeout = \(milliseconds(options.idleLimit));
            SET lock_timeout = \(milliseconds(options.lockLimit));
            SET statement_timeout = \(milliseconds(max(options.readLimit, options.responseLimit)));
            SET standard_conforming_strings = on;
            SET jit = off
            """
        try run(settings, pointer) { PQexec(pointer, settings) }
        for control in Control.allCases {
            try run(control.rawValue, pointer) { PQprepare(pointer, control.name, control.rawValue, 0, nil) }
        }
    }

    private func run(
        _ what: String, _ pointer: OpaquePointer, _ body: () -> OpaquePointer?
    ) throws(DatabaseError) {
        let result = body()
        defer { PQclear(result) }
        switch PQresultStatus(result) {
        case PGRES_COMMAND_OK, PGRES_TUPLES_OK: return
        default: throw ServerError(result).explained("'\(what.prefix(80))' failed", on: name)
        }
    }

    /// The first value of a query of ours; nil if there is none, or the server refuses.
    static func text(_ sql: String, _ parameters: [String], _ pointer: OpaquePointer) -> String? {
        var values = parameters.map { strdup($0) }
        defer {
            for value in values { free(value) }
        }
        let count = Int32(values.count)
        values.append(nil)
        let result = values.map { UnsafePointer($0) }.withUnsafeBufferPointer {
            PQexecParams(pointer, sql, count, nil, $0.baseAddress, nil, nil, 0)
        }
        defer { PQclear(result) }
        guard PQresultStatus(result) == PGRES_TUPLES_OK, PQntuples(result) > 0, PQgetisnull(result, 0, 0) == 0
        else { return nil }
        return PQgetvalue(result, 0, 0).map { String(cString: $0) }
    }
}

extension Connector {
    /// What became of a transaction.
    enum Outcome {
        case committed, undone, underway, unknown
    }

    /// Asks the server what became of the transaction `number` of the server `identity`.
    func outcome(of number: String, on identity: String?) throws(DatabaseError) -> Outcome {
        let link = try connect()
        // A standby that took over may have lost it, and given its number to another.
        guard link.identity == identity else { return .unknown }
        guard PQexitPipelineMode(link.pointer) == 1, PQsetnonblocking(link.pointer, 0) == 0 else {
            throw link.lost()
        }
        switch Self.text("SELECT pg_xact_status($1::xid8)", [number], link.pointer) {
        case "committed": return .committed
        case "aborted": return .undone
        case "in progress": return .underway
        default:
            guard PQstatus(link.pointer) == CONNECTION_OK else { throw link.lost() }
            return .unknown
        }
    }

    /// Throws unless the database is empty or Apollo's, and can be changed.
    func claim() throws(DatabaseError) {
        let pointer = try openPlain()
        defer { PQfinish(pointer) }
        guard let schema = Self.text("SELECT current_schema()", [], pointer) else {
            throw DatabaseError(
                .unavailable, "the user of the database \(name) sees no schema in it",
                hint: "make the user its owner: ALTER DATABASE name OWNER TO user")
        }
        guard Self.text("SELECT has_schema_privilege(current_schema(), 'CREATE')", [], pointer) == "t" else {
            throw DatabaseError(
                .unavailable,
                "the user of the database \(name) may not make tables in its schema '\(schema)'",
                hint: "make the user its owner: ALTER DATABASE name OWNER TO user")
        }
        let isOurs = """
            SELECT to_regclass('schema_migrations') IS NOT NULL OR NOT EXISTS (
                SELECT FROM pg_tables WHERE schemaname = current_schema())
            """
        guard Self.text(isOurs, [], pointer) == "t" else {
            throw DatabaseError(
                .corrupt, "the database \(name) is in use by something other than Apollo",
                hint:
                    "make a database of its own: createdb --owner USER --encoding UTF8 --template template0 NAME"
            )
        }
    }
}
