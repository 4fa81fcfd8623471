import CPQ
import Core
import Databases
import Glibc

/// One connection to a server in pipeline mode: commands are sent without waiting for those before, and a sync ends each round
/// trip (https://www.postgresql.org/docs/15/libpq-pipeline-mode.html). Used by one thread at a time, which it blocks while it
/// waits, with a deadline always.
final class Link {
    let pointer: OpaquePointer
    /// What messages call the database.
    let name: String
    /// Which server it is, and which line of its history.
    let identity: String?
    private let clock: any MonotonicClock
    /// Set once the connection is of no more use.
    private(set) var isLost = false
    /// The statements prepared on it.
    var statements: [String: [Prepared]] = [:]
    var statementUses: UInt64 = 0
    /// When the server must have answered.
    var deadline = MonotonicInstant(nanoseconds: .max)
    /// Asked every tenth of a second while it waits; true has the server stop what it does.
    var mustStop: () -> Bool = { false }
    private var cancelledAt: MonotonicInstant?
    /// Of the round trip under way: where the server ends the connection, this is why.
    private var lastError: ServerError?

    /// How long the server may take to stop when it is told to.
    private static let patience = Duration.seconds(5)

    /// Takes a connection that is open and idle.
    init(
        _ pointer: OpaquePointer, name: String, identity: String?, clock: any MonotonicClock
    ) throws(DatabaseError) {
        self.pointer = pointer
        self.name = name
        self.identity = identity
        self.clock = clock
        guard PQsetnonblocking(pointer, 1) == 0, PQenterPipelineMode(pointer) == 1 else {
            throw lost()
        }
    }

    deinit { PQfinish(pointer) }

    // MARK: Sending

    /// What a call of libpq returned that puts something into the buffer.
    func sent(_ result: Int32) throws(DatabaseError) {
        guard result == 1 else { throw lost() }
    }

    /// Ends the round trip and sends what is in the buffer.
    func sync() throws(DatabaseError) {
        try sent(PQpipelineSync(pointer))
        cancelledAt = nil
        lastError = nil
        while true {
            switch PQflush(pointer) {
            case 0: return
            // The server may not read on before somebody reads what it has written.
            case 1: try wait(for: Int16(POLLIN | POLLOUT))
            default: throw lost()
            }
        }
    }

    // MARK: Receiving

    /// The next result, or nil at the end of a command's results.
    func result() throws(DatabaseError) -> OpaquePointer? {
        while PQisBusy(pointer) != 0 { try wait(for: Int16(POLLIN)) }
        let result = PQgetResult(pointer)
        guard PQstatus(pointer) != CONNECTION_BAD else {
            let error = ServerError(result)
            PQclear(result)
            throw lost(error)
        }
        return result
    }

    /// What came of the next command.
    func command() throws(DatabaseError) -> Answer {
        guard let result = try result() else {
            isLost = true
            throw DatabaseError(.other, "the database \(name) gave no answer to a command")
        }
        let answer: Answer
        switch PQresultStatus(result) {
        case PGRES_COMMAND_OK, PGRES_TUPLES_OK:
            answer = .rows(Rows(result))
        case PGRES_PIPELINE_ABORTED:
            PQclear(result)
            answer = .skipped
        default:
            let error = ServerError(result)
            PQclear(result)
            if error.endsConnection { lastError = error }
            answer = .failed(error)
        }
        while let more = try self.result() { PQclear(more) }
        return answer
    }

    /// Reads the end of a round trip.
    func end() throws(DatabaseError) {
        let result = try result()
        defer { PQclear(result) }
        guard PQresultStatus(result) == PGRES_PIPELINE_SYNC else {
            isLost = true
            throw DatabaseError(.other, "the database \(name) answered out of turn")
        }
    }

    private func wait(for events: Int16) throws(DatabaseError) {
        var descriptor = pollfd(fd: PQsocket(pointer), events: events, revents: 0)
        let now = clock.now
        if let cancelledAt {
            guard cancelledAt.duration(to: now) < Self.patience else { throw silent() }
        } else if now > deadline || mustStop() {
            stop(at: now)
        }
        let ready = poll(&descriptor, 1, 100)
        if ready < 0, errno != EINTR { throw lost() }
        guard ready > 0, descriptor.revents & ~Int16(POLLOUT) != 0 else { return }
        guard PQconsumeInput(pointer) == 1 else { throw lost() }
    }

    /// Asks the server to end what it does. It answers with an error, or has answered already.
    private func stop(at now: MonotonicInstant) {
        cancelledAt = now
        guard let request = PQgetCancel(pointer) else { return }
        defer { PQfreeCancel(request) }
        var message = [CChar](repeating: 0, count: 256)
        PQcancel(request, &message, Int32(message.count))
    }

    // MARK: Losing it

    private func silent() -> DatabaseError {
        isLost = true
        return DatabaseError(
            .unavailable, "the database \(name) does not answer any more", hint: Self.patienceHint)
    }

    /// Marks it as lost, and says why: in the server's last words, where it had some.
    func lost(_ error: ServerError? = nil) -> DatabaseError {
        isLost = true
        if let error = [error, lastError].compactMap(\.self).first(where: { !$0.state.isEmpty }) {
            return error.explained("the connection was ended", on: name)
        }
        let reason = String(cString: PQerrorMessage(pointer)).oneLine
        for _ in 0..<4 {
            // On a connection that is gone this does not wait: it gives what had arrived.
            guard PQstatus(pointer) == CONNECTION_BAD, let result = PQgetResult(pointer) else { break }
            defer { PQclear(result) }
            let last = ServerError(result)
            if !last.state.isEmpty { return last.explained("the connection was ended", on: name) }
        }
        return DatabaseError(
            .unavailable,
            "the connection to the database \(name) is lost" + (reason.isEmpty ? "" : ": \(reason)"),
            hint: Self.patienceHint)
    }

    static let patienceHint =
        "see that the server runs and can be reached; Apollo goes on by itself when it is back"
}

extension String {
    /// libpq's messages in one line.
    var oneLine: String {
        split(whereSeparator: \.isNewline).map { $0.trimmingPrefix { $0 == " " || $0 == "\t" } }.joined(
            separator: "; ")
    }
}

/// What came of one command.
enum Answer {
    case rows(Rows)
    case failed(ServerError)
    /// It did not run, because one before it in the same round trip failed.
    case skipped
}

/// The result of one command.
final class Rows {
    let pointer: OpaquePointer

    init(_ pointer: OpaquePointer) { self.pointer = pointer }

    deinit { PQclear(pointer) }
}
