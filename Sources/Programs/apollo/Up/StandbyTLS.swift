import Concurrency
import Core
import TLS
import Telemetry

/// Keeps good what a manager that stands by shows in TLS. While the database is away that cannot be: what was shown last stays.
struct StandbyTLS: Service {
    let name = "tls"
    /// Nil where it has to be made.
    let known: ServerTLS?
    let stops: ProcessStops
    let logger: Logger
    /// Told what is shown, once that is there.
    let shown: Latch<TLSMaterials>
    let make: @Sendable () async throws -> ServerTLS?

    /// How often it is tried.
    private static let interval = Duration.seconds(2)

    func run(_ context: ServiceContext) async throws {
        context.markReady()
        defer { stops.onHangUp(nil) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await keep(context) }
            try await context.waitForDrain()
            group.cancelAll()
        }
    }

    private func keep(_ context: ServiceContext) async throws {
        guard let tls = try await made(context.environment.clock) else { return }
        shown.set(tls.materials)
        stops.onHangUp { await tls.refresh(asked: true) }
        try await tls.run(context)
    }

    private func made(_ clock: any MonotonicClock) async throws -> ServerTLS? {
        if let known { return known }
        var complaint = ""
        while true {
            do { return try await make() } catch {
                try Task.checkCancellation()
                if complaint != "\(error)" {
                    logger.warning(
                        "the server's certificate stays as it is until the database answers",
                        ["reason": .text("\(error)")])
                }
                complaint = "\(error)"
            }
            try await clock.sleep(for: Self.interval)
        }
    }
}
