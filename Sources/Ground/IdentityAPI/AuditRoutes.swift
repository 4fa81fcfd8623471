import APIServers
import AuditStorage
import Core
import Documents
import HTTPModel
import HTTPRouting
import Identity
import IdentityMessages
import Telemetry

/// `/api/v1/audit`.
struct AuditRoutes {
    let audit: DatabaseAuditSink

    private static let principal = Parameter<String?>.query(
        "principal", "Only what this principal did: its URI, or a user's name.", schema: .string(1...600))
    private static let action = Parameter<String?>.query(
        "action", "Only this operation, such as `createTask`.", schema: .string(1...100))
    private static let resource = Parameter<String?>.query(
        "resource", "Only what was done on what begins so.", schema: .string(1...1024))
    private static let outcome = Parameter<String?>.query(
        "outcome", "Only with this outcome.", schema: .values(AuditRecord.Outcome.self))
    private static let since = Parameter<Timestamp?>.query("since", "Only at or after this time.")
    private static let until = Parameter<Timestamp?>.query("until", "Only before this time.")

    var routes: [Route<Caller>] { [list] }

    private var list: Route<Caller> {
        Route(
            .get, "/api/v1/audit", operation: "listAudit", summary: "What was done, newest first",
            tag: "audit",
            access: .permissionFor { _ in Caller.Permission(.read, try Resources.nodes()) },
            parameters: [Self.principal, Self.action, Self.resource, Self.outcome, Self.since, Self.until]
                + PageRequest.parameters,
            responses: [.json(.page(of: .of(AuditView.self)), "A page of records.")]
        ) { call in
            let request = try call.page()
            var query = AuditQuery(limit: request.limit + 1)
            query.principal = call[Self.principal].map {
                $0.contains("://") || $0 == "anonymous" ? $0 : "user://local/\($0)"
            }
            query.action = call[Self.action]
            query.resourcePrefix = call[Self.resource]
            query.outcome = call[Self.outcome].flatMap { AuditRecord.Outcome(rawValue: $0) }
            query.since = call[Self.since]
            query.until = call[Self.until]
            if let cursor = request.cursor {
                guard cursor.parts.count == 2, let time = Int64(cursor.parts[0]) else {
                    throw ApolloError(.invalid, "the cursor is not one of this list")
                }
                query.after = AuditQuery.Place(
                    time: Timestamp(microseconds: time), requestID: cursor.parts[1])
            }
            let found = try await self.audit.records(query)
            let items = found.prefix(request.limit)
            let next =
                found.count > items.count
                ? items.last.map { Cursor(["\($0.time.microseconds)", $0.requestID]) } : nil
            return try .json(Page(items: items.map { AuditView($0) }, next: next))
        }
    }
}

extension AuditView {
    init(_ record: AuditRecord) {
        self.init(
            time: record.time, principal: record.principal, action: record.action, resource: record.resource,
            outcome: record.outcome.rawValue, reason: record.reason, requestID: record.requestID,
            peer: record.peer)
    }
}
