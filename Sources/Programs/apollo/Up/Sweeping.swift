import AccountServices
import AuditStorage
import Concurrency
import Configuration
import Core
import Telemetry

/// Forgets what has been over for long: tokens and sessions, and audit records where they are not kept for good. A bounded
/// piece of work a minute, so that nothing waits for it; what is left has its turn later.
struct Sweeping: Service {
    let name = "sweep"
    let accounts: Accounts
    let audit: DatabaseAuditSink
    /// How long audit records are kept; nil for good.
    let auditRetention: Duration?
    let environment: Environment
    let logger: Logger

    static let limit = 1000

    func run(_ context: ServiceContext) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                // Ends with the group, by cancellation.
                while true {
                    await sweep()
                    try await environment.clock.sleep(for: .seconds(60))
                }
            }
            context.markReady()
            try await context.waitForDrain()
            group.cancelAll()
        }
    }

    private func sweep() async {
        do {
            let tokens = try await accounts.forgetTokens(limit: Self.limit)
            if tokens > 0 {
                logger.info("tokens that have expired are forgotten", ["count": .integer(Int64(tokens))])
            }
            guard let auditRetention else { return }
            let time = environment.wallClock.now.advanced(by: .zero - auditRetention)
            let records = try await audit.forget(before: time, limit: Self.limit)
            if records > 0 {
                logger.info(
                    "audit records are forgotten",
                    ["count": .integer(Int64(records)), "before": .text("\(time)")])
            }
        } catch {
            // A full disk, or the end of the platform: the next time is soon.
            logger.debug("what is over cannot be forgotten now", ["reason": .text("\(error)")])
        }
    }
}
