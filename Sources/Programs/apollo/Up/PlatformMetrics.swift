import ClusterModel
import Concurrency
import Core
import Databases
import EventLoops
import HTTPServers
import LeaderDecisions
import Leaders
import Managers
import Telemetry

/// The platform's figures that are read when someone asks, rather than counted as things happen.
enum PlatformMetrics {
    static func register(_ manager: Manager, _ database: any Database, in registry: MetricsRegistry) {
        ProcessMetrics.register(in: registry)
        registerBlockingThreads(in: registry)
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

    static func register(_ keeper: LeadershipKeeper, in registry: MetricsRegistry) {
        registry.collect { exposition in
            let view = keeper.view
            exposition.single("apollo_leader", "1 on the manager that leads.", keeper.epoch == nil ? 0 : 1)
            exposition.single(
                "apollo_leadership_epoch", "The epoch of the last term, as the database has it.",
                Double(view.row?.epoch ?? 0))
            exposition.single(
                "apollo_leadership_terms_total", "Terms that this process began.", kind: "counter",
                Double(view.terms))
            exposition.single(
                "apollo_leadership_losses_total", "Terms of this process that ended.", kind: "counter",
                Double(view.losses))
            exposition.single("apollo_managers", "Managers of the platform.", Double(view.managers.count))
        }
    }

    static func register(_ log: QueuedLogSink, in registry: MetricsRegistry) {
        registry.collect { exposition in
            exposition.single(
                "apollo_log_lines_dropped_total", "Log lines that could not be written.", kind: "counter",
                Double(log.droppedLines + FileDescriptorLogSink.standardError.droppedLines))
        }
    }

    static func register(_ loops: EventLoopGroup, in registry: MetricsRegistry) {
        registry.collect { exposition in
            let glances = loops.loops.map { ($0.name, $0.glance) }
            func family(_ name: String, _ help: String, _ kind: String, _ value: (LoopGlance) -> Double) {
                exposition.family(name: name, help: help, kind: kind)
                for (loop, glance) in glances {
                    exposition.sample(Exposition.Series(name: name, labels: [("loop", loop)]), value(glance))
                }
            }
            family("apollo_loop_turns_total", "Turns of the event loop.", "counter") { Double($0.turns) }
            family(
                "apollo_loop_longest_turn_seconds", "Its longest turn of the last one to two minutes.",
                "gauge"
            ) {
                $0.longestTurn.inSeconds
            }
            family("apollo_loop_tasks", "Tasks that live on it.", "gauge") { Double($0.tasks) }
            family("apollo_loop_queued", "What other threads sent and it has not taken yet.", "gauge") {
                Double($0.queued)
            }
        }
    }

    /// Names are the program's own, and few: more than 64 would be a mistake, and are left out.
    static func registerBlockingThreads(in registry: MetricsRegistry) {
        registry.collect { exposition in
            let reports = BlockingWork.reports.sorted { $0.name < $1.name }.prefix(64)
            func family(_ name: String, _ help: String, _ value: (BlockingReport) -> Double) {
                exposition.family(name: name, help: help, kind: "gauge")
                for report in reports {
                    exposition.sample(
                        Exposition.Series(name: name, labels: [("thread", report.name)]), value(report))
                }
            }
            family("apollo_blocking_waiting", "Blocking calls that wait for a thread.") { Double($0.waiting) }
            family("apollo_blocking_oldest_wait_seconds", "How long the first of them has waited.") {
                $0.oldestWait?.inSeconds ?? 0
            }
            family("apollo_blocking_running", "Blocking calls that run.") { Double($0.running.count) }
            family("apollo_blocking_longest_run_seconds", "How long the longest of them has run.") {
                $0.running.first?.duration.inSeconds ?? 0
            }
        }
    }

    static func register(_ door: HTTPDoor, in registry: MetricsRegistry) {
        registry.collect { exposition in
            guard let statistics = door.server?.statistics else { return }
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
