import Arguments
import Concurrency
import Core
import IdentityClients
import IdentityMessages
import Terminal

/// `apollo audit`.
enum AuditCommand {
    private static let user = Parameter.option(
        "user", .text("NAME"), help: "Only what this user did; 'anonymous' for those who proved nothing.")
    private static let action = Parameter.option(
        "action", .text("OPERATION"), help: "Only this operation, such as createTask.")
    private static let resource = Parameter.option(
        "on", .text("PREFIX"), help: "Only what was done on what begins so: a URI, or the path of a request.")
    private static let outcome = Parameter.option(
        "outcome",
        ValueType<String>(
            "OUTCOME", expecting: "succeeded, failed or denied", choices: ["succeeded", "failed", "denied"]
        ) { ["succeeded", "failed", "denied"].contains($0) ? $0 : nil }, help: "Only with this outcome.")
    private static let since = Parameter.option("since", .duration, help: "Only the last so much time.")
    private static let limit = Parameter.option(
        "limit", .integer("N", in: 1...1000 as ClosedRange<Int>), default: 50, help: "The most records.")
    private static let follow = Parameter.flag("follow", short: "f", help: "Go on as more is recorded.")

    static let command = Command(
        "audit", summary: "Say who did what: every change, and every attempt at one",
        discussion: "The newest last. Takes 'read' on node://local. Records cannot be changed or removed.",
        parameters: [user, action, resource, outcome, since, limit, follow],
        examples: [
            Example("what was denied today?", "apollo audit --outcome denied --since 24h"),
            Example("what does she do?", "apollo audit --user ann --follow"),
        ]
    ) { invocation in
        let session = try Session(invocation)
        var filter: [String: String?] = [
            "principal": invocation[user], "action": invocation[action], "resource": invocation[resource],
            "outcome": invocation[outcome],
        ]
        if let span = invocation[since] { filter["since"] = "\(session.now.advanced(by: .zero - span))" }
        let wanted = filter
        let isFollowing = invocation[follow]
        let limit = invocation[limit]
        try await session.withIdentity { client in
            let first = try await client.audit(wanted, limit: limit).items.reversed()
            guard isFollowing else {
                return try session.output.write(Array(first), as: session.format, table)
            }
            try await Self.follow(session, client, wanted, Array(first))
        }
        return .success
    }

    private static let table = Table<AuditView>([
        Column("TIME") { "\($0.time)" }, Column("WHO") { $0.principal }, Column("DID") { $0.action },
        Column("ON") { $0.resource },
        Column("OUTCOME", style: { $0.outcome == "succeeded" ? nil : .red }) { $0.outcome },
        Column("WHY") { $0.reason },
    ])

    /// Asks every second for what came since; what was told already is left out by its request.
    private static func follow(
        _ session: Session, _ client: IdentityClient, _ filter: [String: String?], _ first: [AuditView],
        clock: any MonotonicClock = LiveClock()
    ) async throws {
        var told: Set<String> = []
        var last = session.now
        var batch = first
        while true {
            for record in batch where told.insert(record.requestID).inserted {
                switch session.format {
                case .table:
                    try session.output.write(
                        "\(record.time) \(record.principal.printable) \(record.action.printable) "
                            + "\(record.resource.printable) \(record.outcome)"
                            + (record.reason.map { " (\($0.printable))" } ?? "") + "\n")
                case .json: try session.output.writeJSON(record)
                }
                last = max(last, record.time)
            }
            if told.count > 10_000 { told = Set(batch.map(\.requestID)) }
            try await clock.sleep(for: .seconds(1))
            var next = filter
            // A record is stored a little after its time: look back by a few seconds.
            next["since"] = "\(last.advanced(by: .seconds(-10)))"
            batch = try await client.audit(next, limit: 1000).items.reversed()
        }
    }
}
