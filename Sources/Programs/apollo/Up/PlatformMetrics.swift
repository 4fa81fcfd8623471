import ClusterModel
import HTTPServers
import Managers
import SQLiteDatabases
import Telemetry

/// The platform's figures that are read when someone asks, rather than counted as things happen.
enum PlatformMetrics {
    static func register(_ manager: Manager, _ database: SQLiteDatabase, in registry: MetricsRegistry) {
        ProcessMetrics.register(in: registry)
        registry.collect { exposition in
            let counts = manager.counts()
            exposition.family(name: "apollo_tasks", help: "Tasks by their state.", kind: "gauge")
            for state in TaskState.allCases {
                exposition.sample(
                    Exposition.Series(name: "apollo_tasks", labels: [("state", state.rawValue)]),
                    Double(counts[state] ?? 0))
            }
            exposition.single(
                "apollo_storage_ok", "1 while changes can be stored.", manager.storageProblem == nil ? 1 : 0)
            let statistics = database.statistics
            exposition.single(
                "apollo_database_writes_total", "Writes that ran.", kind: "counter", Double(statistics.writes)
            )
            exposition.single(
                "apollo_database_commits_total", "Commits they shared.", kind: "counter",
                Double(statistics.commits))
            exposition.single(
                "apollo_database_waiting_writes", "Writes that wait for the writer.",
                Double(statistics.waitingWrites))
        }
    }

    static func register(_ server: HTTPServer, in registry: MetricsRegistry) {
        registry.collect { exposition in
            let statistics = server.statistics
            exposition.single(
                "apollo_http_connections_open", "Connections open now.", Double(statistics.openConnections))
            exposition.single(
                "apollo_http_connections_total", "Connections accepted.", kind: "counter",
                Double(statistics.connections))
            exposition.single(
                "apollo_http_refused_requests_total", "Requests refused before any route saw them.",
                kind: "counter",
                Double(statistics.refusedRequests))
            exposition.single(
                "apollo_http_received_bytes_total", "Bytes of requests.", kind: "counter",
                Double(statistics.bytesReceived))
            exposition.single(
                "apollo_http_sent_bytes_total", "Bytes of responses.", kind: "counter",
                Double(statistics.bytesSent))
        }
    }
}
