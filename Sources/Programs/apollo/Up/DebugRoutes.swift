import APIMessages
import APIServers
import Buses
import Concurrency
import Core
import Databases
import Documents
import EventLoops
import HTTPModel
import HTTPRouting
import HTTPServers
import Identity
import Managers
import RPC
import RPCServices
import Telemetry
import Tracing
import Workers

/// `/api/v1/debug`: asks every part of the process what it is doing. Costs nothing while nobody asks.
struct DebugRoutes: Sendable {
    let environment: Environment
    let loops: EventLoopGroup
    let database: any Database
    let manager: Manager
    /// Nil where no tasks run in this process.
    let worker: Worker?
    let bus: LocalBus
    let tracer: Tracer?
    let door: HTTPDoor
    let rpc: RunningRPC

    /// How long a loop is waited for.
    private static let patience = Duration.milliseconds(250)
    private static let limit = Parameter<Int>.query(
        "limit", "The most connections.", schema: .integer(1...1000), default: 50)

    var routes: [Route<Caller>] {
        [
            Route(
                .get, "/api/v1/debug", operation: "getDebug",
                summary: "What every part of the platform is doing",
                description: """
                    For who looks for what is slow or stuck. Shows paths of requests, without their queries, and no bodies; needs \
                    the right to manage the nodes. A loop without `lag` did not answer: its current turn has not ended.
                    """,
                tag: "service",
                access: .permissionFor { _ in Caller.Permission(.manage, try Resources.nodes()) },
                parameters: [Self.limit], responses: [.json(.of(PlatformActivity.self), "What it is doing.")]
            ) { call in
                try .json(await activity(connections: call[Self.limit]))
            }
        ]
    }

    private func activity(connections limit: Int) async -> PlatformActivity {
        async let loopReports = loopActivity()
        async let connectionReports = door.server?.connections(
            limit: limit, within: Self.patience, clock: environment.clock)
        let process = ProcessMetrics.current()
        let now = Double(environment.wallClock.now.microseconds) / 1e6
        return PlatformActivity(
            uptime: process.map { max(0, now - $0.startTime) } ?? 0,
            residentBytes: process?.residentMemory.bytes ?? 0, openDescriptors: process?.openDescriptors ?? 0,
            loops: await loopReports,
            threads: ThreadMetrics.current(limit: 256).map {
                .init(id: $0.id, name: $0.name.printable, state: $0.state, cpuSeconds: $0.cpuSeconds)
            }, queues: queues(), blocking: BlockingWork.reports.prefix(100).map(Self.message),
            starting: (worker?.workReport.starting ?? []).prefix(100).map(\.text),
            connections: (await connectionReports ?? []).map(Self.message),
            openConnections: door.server?.statistics.openConnections ?? 0, calls: calls(limit))
    }

    private func loopActivity() async -> [PlatformActivity.Loop] {
        let reports: [LoopReport] = await withTaskGroup(of: LoopReport.self) { group in
            for loop in loops.loops {
                group.addTask { await loop.report(within: Self.patience, clock: environment.clock) }
            }
            var reports: [LoopReport] = []
            for await report in group { reports.append(report) }
            return reports
        }
        return reports.sorted { $0.name < $1.name }.map { report in
            PlatformActivity.Loop(
                name: report.name, turns: Int64(clamping: report.turns), busyFor: report.busyFor?.inSeconds,
                longestTurn: report.longestTurn.inSeconds, lag: report.lag?.inSeconds, tasks: report.tasks,
                queued: report.queued, sources: report.sources, timers: report.timers)
        }
    }

    private func queues() -> [PlatformActivity.Queue] {
        let (statistics, report) = (database.statistics, manager.report)
        var queues: [PlatformActivity.Queue] = [
            .init(name: "database writes", count: statistics.waitingWrites),
            .init(name: "database reads", count: statistics.waitingReads),
            .init(name: "manager outbox", count: report.outbox, limit: 1 << 20),
            .init(name: "submissions to be stored", count: report.storing),
            .init(name: "tasks watched", count: report.watched),
            .init(name: "alarms", count: report.alarms),
            .init(name: "worker directives", count: worker?.workReport.inbox ?? 0, limit: 1 << 20),
            .init(name: "starts under way", count: worker?.workReport.starting.count ?? 0),
            .init(name: "bus subscriptions", count: bus.subscriptionCount, limit: bus.maximumSubscriptions),
        ]
        if let server = rpc.current?.server {
            queues.append(
                .init(name: "rpc calls", count: server.statistics.running, limit: server.maximumCalls))
        }
        if let tracer {
            queues.append(.init(name: "spans to be sent", count: tracer.buffered, limit: tracer.capacity))
        }
        return queues
    }

    private static func message(_ report: BlockingReport) -> PlatformActivity.Blocking {
        .init(
            name: report.name, threads: report.threads, waiting: report.waiting,
            oldestWait: report.oldestWait?.inSeconds,
            running: report.running.prefix(100).map {
                .init(what: $0.what, seconds: $0.duration.inSeconds)
            })
    }

    private func calls(_ limit: Int) -> [PlatformActivity.Call] {
        let now = environment.clock.now
        return (rpc.current?.calls.oldest(limit) ?? []).map { call in
            .init(
                method: call.method, peer: call.peer, principal: call.principal,
                age: call.since.duration(to: now).inSeconds)
        }
    }

    private static func message(_ report: ConnectionReport) -> PlatformActivity.Connection {
        .init(
            peer: report.peer, loop: report.loop, state: report.state.rawValue, age: report.age.inSeconds,
            requests: report.requests, received: report.received, sent: report.sent,
            method: report.request?.method.rawValue, path: report.request?.path.printable,
            requestAge: report.request?.age.inSeconds)
    }
}
