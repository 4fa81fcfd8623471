import Core
import HTTPClients
import HTTPModel

/// Asks a platform how it is.
enum PlatformProbe {
    static func platform(
        _ request: MachineProbes.PlatformRequest, environment: Environment
    ) async -> MachineFacts.PlatformState {
        let http = HTTPClient(
            HTTPClientConfiguration(
                tls: HTTPClientTLS(authorityFile: request.authorities), maximumIdleConnections: 1))
        let state = await ask(request, http, environment)
        await http.close()
        return state
    }

    private static func ask(
        _ request: MachineProbes.PlatformRequest, _ http: HTTPClient, _ environment: Environment
    ) async -> MachineFacts.PlatformState {
        let address = request.address
        let timeouts = HTTPTimeouts(connect: .seconds(2), idle: .seconds(2), total: .seconds(3))
        do throws(HTTPClientError) {
            let sent = environment.wallClock.now
            let health = try await http.send(
                HTTPClientRequest(.get, address + "/healthz", timeouts: timeouts, retry: .never))
            // Its clock is read somewhere between question and answer; the field has whole seconds.
            let theirs = health.fields["Date"].flatMap { HTTPDate.parse($0) }
            return .answers(
                MachineFacts.PlatformState.Answer(
                    address: address, version: await request.version(),
                    stores: health.status.rawValue < 400, skew: theirs.map { sent.duration(to: $0) }))
        } catch {
            // Without an address of its own none is expected to run.
            return request.isExpected
                ? .silent(address: address, reason: error.asApolloError.message) : .none
        }
    }
}
