import ClusterModel
import Concurrency
import Core
import Leases
import NodeMessages
import NodeServices
import RPC
import RPCModel
import Synchronization
import TaskDecisions
import TaskRuntimes
import Testing
import Workers

@Suite("A session with a worker")
struct SessionTests {
    @Test("a manager of an older epoch is refused, in the session and in every question")
    func olderEpoch() async throws {
        let machine = try Machine(.far)
        try await machine.running {
            let error = try await #require(throws: RPCError.self) {
                try await machine.connection(epoch: 2).run {}
            }
            #expect(error.code == .failedPrecondition)
            #expect(error.message.contains("epoch 3 leads"))
            await #expect(throws: RuntimeError.self) {
                try await machine.connection(epoch: 2).usage(Machine.place)
            }
        }
    }

    @Test("a newer manager takes over, and the older one's session ends")
    func takeover() async throws {
        let machine = try Machine(.far)
        try await machine.running {
            let (older, newer) = (try machine.connection(epoch: 3), try machine.connection(epoch: 4))
            let ended = Latch<RPCError?>()
            try await withThrowingTaskGroup(of: Void.self) { group in
                let joined = Latch<Void>()
                group.addTask {
                    do { try await older.run { joined.open() } } catch { ended.set(error as? RPCError) }
                }
                try await joined.wait()
                try await machine.inSession(newer) {
                    let failure = try await ended.value()
                    #expect(failure?.code == .aborted)
                    newer.perform(.launch(Machine.launch, on: Machine.node))
                    _ = try await machine.events(1)
                }
                try await group.waitForAll()
            }
            #expect(machine.epochs.current == 4)
            let error = try await #require(throws: RPCError.self) { try await older.run {} }
            #expect(error.code == .failedPrecondition)
        }
    }

    @Test("what could not be stopped after a restart is not started")
    func unguarded() async throws {
        let guardian = DisconnectGuard(
            node: Machine.node, entries: [], environment: .live,
            save: { _ in throw ApolloError(.exhausted, "no space left on device") }, stop: { _ in },
            note: { _ in })
        let machine = try Machine(.far, disconnects: guardian)
        try await machine.running {
            let connection = try machine.connection()
            try await machine.inSession(connection) {
                var launch = Machine.launch
                launch.spec.onDisconnect = .stopAfter
                connection.perform(.launch(launch, on: Machine.node))
                let events = try await machine.events(1)
                guard case .startFailed(let reason, retry: true, _)? = events.first else {
                    Issue.record("\(events)")
                    return
                }
                #expect(reason.contains("no space left"))
            }
        }
    }

    @Test("a hello alone is no lease: whether its manager heard the answer is not known")
    func helloIsNoLease() async throws {
        let stops = Mailbox<AttemptID>("stops", capacity: 8)
        var launch = Machine.launch
        (launch.spec.onDisconnect, launch.spec.stopAfter) = (.stopAfter, Seconds(0))
        var table = DisconnectTable(at: Environment.live.clock.now)
        _ = table.started(launch)
        let guardian = DisconnectGuard(
            node: Machine.node, entries: Array(table.entries.values), environment: .live, save: { _ in },
            stop: { if case .stop(let place, _) = $0 { _ = stops.send(place.attempt) } }, note: { _ in })
        let machine = try Machine(.far, disconnects: guardian)
        try await machine.running {
            let connection = try machine.connection(lease: .seconds(3600))
            try await machine.inSession(connection) {
                // The last lease that was granted is over.
                guardian.granted(until: Environment.live.clock.now)
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask { await guardian.run() }
                    let stopped = try await stops.nextBatch()
                    #expect(stopped == [Machine.launch.attempt])
                    group.cancelAll()
                }
            }
        }
    }

    @Test("orders for another node are refused")
    func otherNode() async throws {
        let machine = try Machine(.far)
        try await machine.running {
            var other = Machine.description
            other.id = NodeID(time: Timestamp(microseconds: 0), random: 99)
            let channel = try RPCChannel(
                machine.address, configuration: RPCChannelConfiguration(environment: .live),
                poller: machine.poller)
            let stranger = RemoteWorker(
                other, calls: channel, epoch: 3,
                settings: RemoteWorker.Settings(
                    heartbeat: RPCHeartbeat(every: .milliseconds(200)), lease: .seconds(10))
            ) { _ in }
            let error = try await #require(throws: RPCError.self) { try await stranger.run {} }
            #expect(error.code == .failedPrecondition)
        }
    }

    @Test("what ended between two sessions is found in the second")
    func betweenSessions() async throws {
        let machine = try Machine(.far)
        try await machine.running {
            let first = try machine.connection()
            try await machine.inSession(first) {
                first.perform(.launch(Machine.launch, on: Machine.node))
                _ = try await machine.events(1)
            }
            machine.runtime.end(Machine.launch.attempt, code: 9)
            let second = try machine.connection()
            try await machine.inSession(second) {
                #expect(await second.attempts()[.process]?.first?.exit?.code == 9)
            }
        }
    }

    @Test("reports wait until the node has joined, for its list may be older")
    func reportsAfterJoin() async throws {
        let machine = try Machine(.far)
        try await machine.running {
            let connection = try machine.connection()
            let release = Latch<Void>()
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    // Cancelled at the end.
                    try? await connection.run {
                        connection.perform(.launch(Machine.launch, on: Machine.node))
                        try? await release.wait()
                    }
                }
                try await eventually { machine.runtime.state.withLock { $0.starts } == 1 }
                #expect(machine.reports.count == 0)
                release.open()
                _ = try await machine.events(1)
                group.cancelAll()
            }
        }
    }

    @Test("times by a clock that is an hour ahead are put right")
    func clockAhead() async throws {
        let machine = try Machine(.far)
        try await machine.running {
            let connection = try machine.connection(ahead: .seconds(3600))
            try await machine.inSession(connection) {
                connection.perform(.launch(Machine.launch, on: Machine.node))
                let started = Timestamp(microseconds: 1 - 3_600_000_000)
                let expected = AttemptEvent.started(at: started, ports: [], warnings: ["staged"])
                let events = try await machine.events(1)
                #expect(events == [expected])
                #expect(await connection.attempts()[.process]?.first?.startedAt == started)
            }
        }
    }

    @Test("who is not let in gets nowhere")
    func strangers() async throws {
        let machine = try Machine(.far)
        let poller = RPCPoller(name: "rpc-strangers")
        let closed = WorkerServer(
            worker: machine.worker, relay: machine.relay, epochs: machine.epochs, version: "test",
            clock: Environment.live.clock
        ) { _ in false }
        let server = RPCServer(
            [closed.service],
            configuration: RPCServerConfiguration(
                endpoints: [.init(.tcp("127.0.0.1", 0))], environment: .live), poller: poller)
        let address = try server.start()[0]
        try await machine.running {
            let channel = try RPCChannel(
                address, configuration: RPCChannelConfiguration(environment: .live), poller: poller)
            let error = try await #require(throws: RPCError.self) {
                try await WorkerClient(channel).list(Asking(epoch: 3))
            }
            #expect(error.code == .permissionDenied)
            await server.shutdown(deadline: .zero)
        }
    }
}
