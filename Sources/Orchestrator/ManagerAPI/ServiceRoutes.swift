import APIMessages
import APIServers
import ClusterModel
import Core
import Documents
import HTTPModel
import HTTPRouting
import Identity
import Managers
import Telemetry

/// What every service answers beside its own routes: health, metrics, version.
struct ServiceRoutes {
    let manager: Manager
    let metrics: MetricsRegistry
    let version: String

    var routes: [Route<Caller>] { [health, metricsRoute, versionRoute] }

    private var health: Route<Caller> {
        Route(
            .get, "/healthz", operation: "getHealth", summary: "Whether the platform can do its work",
            description: "Needs no token, and tells nothing but yes or no and, with no, why.", tag: "service",
            access: .open,
            responses: [
                RouteResponse(.ok, "It can.", mediaType: "text/plain", schema: .string),
                RouteResponse(
                    .serviceUnavailable, "It cannot store anything.", mediaType: "text/plain", schema: .string
                ),
            ]
        ) { _ in
            // The reason may hold paths: it is for the log and for administrators.
            self.manager.storageProblem == nil
                ? .text("ok\n") : .text("storage does not work\n", status: .serviceUnavailable)
        }
    }

    private var metricsRoute: Route<Caller> {
        Route(
            .get, "/metrics", operation: "getMetrics", summary: "Metrics, as Prometheus reads them",
            tag: "service",
            access: .permissionFor { _ in Caller.Permission(.read, try Resources.nodes()) },
            responses: [.bytes("text/plain", "Text format 0.0.4.")]
        ) { _ in
            HTTPResponse(
                .ok, fields: HTTPFields(["Content-Type": Exposition.contentType]),
                body: .bytes(self.metrics.exposition()))
        }
    }

    private var versionRoute: Route<Caller> {
        Route(
            .get, "/api/v1/version", operation: "getVersion", summary: "Which platform answers",
            tag: "service",
            access: .authenticated, responses: [.json(.of(PlatformVersion.self), "Its version.")]
        ) { _ in
            try .json(PlatformVersion(version: self.version, api: "v1"))
        }
    }
}
