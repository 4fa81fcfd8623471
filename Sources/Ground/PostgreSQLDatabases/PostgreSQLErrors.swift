import CPQ
import Databases

/// What a server said was wrong.
struct ServerError {
    /// Five characters (https://www.postgresql.org/docs/15/errcodes-appendix.html), or none where the connection itself failed.
    var state: String
    var message: String

    init(_ result: OpaquePointer?) {
        state = cpq_sqlstate(result).map { String(cString: $0) } ?? ""
        var message = cpq_message(result).map { String(cString: $0) } ?? ""
        if let detail = cpq_detail(result) { message += ": " + String(cString: detail) }
        self.message = message
    }

    init(state: String, message: String) {
        self.state = state
        self.message = message
    }

    /// Whether the prepared statement is to blame: the schema changed under it, or it is gone.
    var isStale: Bool { state == "0A000" || state == "26000" }

    /// Whether it may be the last that the server says on a connection.
    var endsConnection: Bool { state.hasPrefix("57") || state.hasPrefix("08") || state == "25P03" }

    var kind: DatabaseError.Kind {
        switch state {
        case "23505": .constraint(.unique)
        case "23503", "23001": .constraint(.foreignKey)
        case "23514": .constraint(.check)
        case "23502": .constraint(.notNull)
        case "40001", "40P01", "55P03", "55006": .busy
        case "53100", "53400": .full
        case "57014", "25P03": .deadline
        case "25006": .readOnly
        case "": .unavailable
        default:
            switch state.prefix(2) {
            case "23": .constraint(.other)
            case "08", "28", "3D", "53", "57", "58": .unavailable
            case "XX" where state != "XX000": .corrupt
            case "0A", "21", "22", "25", "26", "34", "42", "54": state == "42501" ? .unavailable : .statement
            default: .other
            }
        }
    }

    /// In words, of `activity` on `database`.
    func explained(_ activity: String, on database: String) -> DatabaseError {
        switch kind {
        case .constraint: return DatabaseError(kind, "refused by the schema: \(message)")
        case .full:
            return DatabaseError(
                kind, "the server of the database \(database) has no space left: \(message)",
                hint: "free space on its disk; what was acknowledged is safe")
        case .busy:
            return DatabaseError(
                kind, "the database \(database) is kept busy by another program: \(message)",
                hint: "try again; if it stays so, look into pg_stat_activity for who has it locked")
        case .deadline where state == "25P03":
            return DatabaseError(
                kind, "the database \(database) ended a transaction that this program left open for too long",
                hint: "the machine was paused or overloaded; try again")
        case .deadline: return DatabaseError(kind, "\(activity): it took too long, or was cancelled")
        case .readOnly:
            return DatabaseError(
                kind, "the database \(database) cannot be written: \(message)",
                hint: "name the primary server in database.url, not a standby")
        case .corrupt:
            return DatabaseError(
                kind, "the database \(database) is damaged: \(message)",
                hint: "look into the server's log, and restore a backup where needed")
        case .unavailable:
            return DatabaseError(kind, "the database \(database) cannot be used: \(message)", hint: hint)
        default: return DatabaseError(kind, "\(activity): \(message)")
        }
    }

    private var hint: String? {
        switch state {
        case "28P01", "28000":
            "check the user in database.url, the password (database.password.file) and the server's pg_hba.conf"
        case "3D000": "make it: createdb --owner USER --encoding UTF8 --template template0 DATABASE"
        case "42501": "make the user of database.url the database's owner: ALTER DATABASE name OWNER TO user"
        case "53300": "raise max_connections on the server, or end what else is connected; Apollo needs 4"
        default: Link.patienceHint
        }
    }
}
