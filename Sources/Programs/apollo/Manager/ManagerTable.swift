import APIMessages
import Arguments
import Core
import PlatformClients
import Terminal

/// `apollo node ls --managers`.
enum ManagerTable {
    static func write(_ session: Session) async throws -> ExitStatus {
        let managers = try await session.withClient { try await $0.managers() }
        try session.output.write(managers, as: session.format, table)
        return .success
    }

    private static let table = Table<ManagerDescription>([
        Column("NAME") { $0.name },
        Column("ROLE", style: { $0.role == .absent ? .red : .green }) { $0.role.rawValue },
        Column("EPOCH", .right) { $0.epoch.map { "\($0)" } ?? "" },
        Column("LEADS SINCE") { $0.leadsSince.map { "\($0)" } ?? "" },
        Column("SEEN") { $0.seenAt.map { "\($0)" } ?? "never" },
        Column("ADDRESS") { $0.address ?? "" },
        Column("VERSION") { $0.version },
    ])
}
