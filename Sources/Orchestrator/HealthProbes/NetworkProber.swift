public import ClusterModel
public import Core
import EventLoops
import HTTPClients
import HTTPModel
public import HealthDecisions
import Networking
import SocketNetworking
public import Workers

/// Probes over this machine's network.
///
/// Each probe has a connection of its own: that one is still taken is part of what is asked. An answer is not read beyond its head,
/// so that what never ends costs nothing, and a redirect is an answer like any other: where it leads nobody has asked for.
public final class NetworkProber: HealthProber {
    private let http: HTTPClient
    private let network: SocketNetwork
    private let loops: EventLoopGroup
    private let clock: any MonotonicClock

    public init(environment: Environment) throws {
        let loops = try EventLoopGroup(count: 1, name: "probes")
        self.loops = loops
        network = SocketNetwork(loops: loops)
        clock = environment.clock
        http = HTTPClient(
            HTTPClientConfiguration(
                retry: .never, usesEnvironmentProxy: false, maximumConcurrentRequests: 1024,
                maximumWaitingRequests: 1 << 16, maximumIdleConnections: 0, userAgent: "apollo-health"),
            environment: environment)
    }

    /// Ends its threads.
    public func close() async {
        await http.close()
        _ = await loops.stop()
    }

    public func get(
        _ probe: HealthCheck.HTTPProbe, at target: ProbeTarget, within limit: Duration
    ) async -> ProbeResult {
        let what = "GET :\(target.named)\(probe.path)"
        let host = target.host.contains(":") ? "[\(target.host)]" : target.host
        var request = HTTPClientRequest(
            .get, "http://\(host):\(target.port)\(probe.path)",
            timeouts: HTTPTimeouts(connect: limit, idle: nil, total: limit), retry: .never)
        for (name, value) in probe.headers.sorted(by: { $0.key < $1.key }) { request.fields[name] = value }
        let response: HTTPClientResponse
        do throws(HTTPClientError) {
            response = try await http.send(request)
        } catch {
            return ProbeResult(isGood: false, "\(what) \(Self.words(error, limit))")
        }
        let status = response.status.rawValue
        var text = "\(what) answered \(status)"
        let isGood = probe.expects(status)
        if !isGood, (300...399).contains(status), let place = response.fields["Location"] {
            text += " to \(String(place.prefix(200)).printable), which is not followed"
        }
        return ProbeResult(isGood: isGood, text)
    }

    public func connect(to target: ProbeTarget, within limit: Duration) async -> ProbeResult {
        let what = "port \(target.named)"
        do {
            let stream = try await network.connect(
                to: NetworkAddress(host: target.host, port: target.port),
                before: clock.now.advanced(by: limit))
            stream.close()
            return ProbeResult(isGood: true, "\(what) takes connections")
        } catch let error as ApolloError where error.kind == .deadline {
            return ProbeResult(isGood: false, "\(what) took no connection within \(limit.short)")
        } catch {
            return ProbeResult(isGood: false, "\(what) takes no connections")
        }
    }

    private static func words(_ error: HTTPClientError, _ limit: Duration) -> String {
        switch error {
        case .couldNotConnect(_, let reason): "could not connect: \(reason)"
        case .timedOut: "was not answered within \(limit.short)"
        case .disconnected: "was broken off"
        case .malformedResponse: "was not answered in HTTP"
        case .tooLarge(let limit, _): "was answered with more than \(limit) bytes of headers"
        default: "failed: \(error.description)"
        }
    }
}
