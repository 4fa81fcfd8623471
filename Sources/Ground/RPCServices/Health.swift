import Concurrency
public import RPCModel

/// Tells whether a server can do its work, to whoever asks by `grpc.health.v1`: load balancers, orchestrators, clients of gRPC themselves.
public final class Health: HealthService {
    private typealias Status = HealthCheckResponse.ServingStatus

    private let services: Set<String>
    private let status = Watch(HealthCheckResponse.ServingStatus.notServing)

    /// - Parameter services: the full names of those that are served. The server as a whole has the empty name.
    public init(services: [String]) { self.services = Set(services + [""]) }

    /// Says whether calls are answered as they should be; not until this has said so.
    public func set(isServing: Bool) {
        let new: Status = isServing ? .serving : .notServing
        guard status.latest.state != new else { return }
        status.set(new)
    }

    /// Ends who watches: the server goes away.
    public func finish() {
        set(isServing: false)
        status.finish()
    }

    public func check(
        _ request: HealthCheckRequest, context: RPCContext
    ) async throws -> HealthCheckResponse {
        guard services.contains(request.service) else {
            throw RPCError(
                .notFound, "there is no service '\(request.service.prefix(200))'",
                hint: "reflection lists those that there are")
        }
        return HealthCheckResponse(status: status.latest.state)
    }

    /// Tells the status now and whenever it changes. One that is not there is told as that: it may come with another version.
    public func watch(
        _ request: HealthCheckRequest, to responses: RPCWriter<HealthCheckResponse>, context: RPCContext
    ) async throws {
        let isKnown = services.contains(request.service)
        if !isKnown { try await responses.write(HealthCheckResponse(status: .serviceUnknown)) }
        var seen: UInt64 = 0
        while let snapshot = try await status.next(after: seen) {
            seen = snapshot.revision
            if isKnown { try await responses.write(HealthCheckResponse(status: snapshot.state)) }
        }
    }
}
