public import Core
import Databases
public import Telemetry

/// Which audit records are wanted.
public struct AuditQuery: Hashable, Sendable {
    /// A place in the order, newest first.
    public struct Place: Hashable, Sendable {
        public var time: Timestamp
        public var requestID: String

        public init(time: Timestamp, requestID: String) {
            self.time = time
            self.requestID = requestID
        }
    }

    /// The principal's URI, or `anonymous`.
    public var principal: String?
    public var action: String?
    public var resourcePrefix: String?
    public var outcome: AuditRecord.Outcome?
    /// At or after.
    public var since: Timestamp?
    /// Before.
    public var until: Timestamp?
    /// Only what is older.
    public var after: Place?
    public var limit: Int

    public init(limit: Int) { self.limit = limit }

    /// The statement, and its parameters.
    var statement: (sql: String, parameters: [DatabaseValue]) {
        var conditions: [String] = []
        var parameters: [DatabaseValue] = []
        func require(_ condition: String, _ values: DatabaseValue...) {
            conditions.append(condition)
            parameters += values
        }
        if let principal { require("principal = ?", .text(principal)) }
        if let action { require("action = ?", .text(action)) }
        if let resourcePrefix {
            // By its bytes, which LIKE does not compare everywhere.
            require("resource >= ?", .text(resourcePrefix))
            require("resource < ?", .text(resourcePrefix + "\u{10FFFF}"))
        }
        if let outcome { require("outcome = ?", .text(outcome.rawValue)) }
        if let since { require("time >= ?", DatabaseValue(since)) }
        if let until { require("time < ?", DatabaseValue(until)) }
        if let after {
            require(
                "(time < ? OR (time = ? AND request_id < ?))", DatabaseValue(after.time),
                DatabaseValue(after.time),
                .text(after.requestID))
        }
        let filter = conditions.isEmpty ? "" : " WHERE " + conditions.joined(separator: " AND ")
        return (
            "SELECT * FROM audit\(filter) ORDER BY time DESC, request_id DESC LIMIT ?",
            parameters + [.integer(Int64(limit))]
        )
    }
}
