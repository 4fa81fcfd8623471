import Concurrency
import TLS

/// Has somebody answer at the door, for a period of the process.
struct HTTPService: Service {
    let name = "http"
    let door: HTTPDoor
    let answerer: HTTPDoor.Answerer
    /// Nil for plain HTTP.
    let certificate: TLSCertificate?
    /// Who answers when the period is over; nil where nobody does any more.
    let next: @Sendable () -> HTTPDoor.Answerer?
    /// Told the address once it is listened on.
    let announce: @Sendable (String) throws -> Void

    func run(_ context: ServiceContext) async throws {
        do {
            try announce(try await door.open(to: answerer, certificate: certificate))
            context.markReady()
            try await context.waitForDrain()
        } catch {
            await leave(deadline: .zero)
            throw error
        }
        // Streams of followers never end by themselves: they are cut when requests have had their time.
        await leave(deadline: .seconds(2))
    }

    private func leave(deadline: Duration) async {
        if let next = next() {
            await door.hand(to: next, deadline: deadline)
        } else {
            await door.close(deadline: deadline)
        }
    }
}
