import ClusterModel
import Core
import NodeMessages
import Protobuf
import RPCModel
import Scheduling
import TaskDecisions
import TaskRuntimes
import Testing
import Workers

@Suite("What manager and worker say to each other")
struct CodingTests {
    private static let node = NodeID(time: Timestamp(microseconds: 0), random: 3)
    private static let place = AttemptPlace(
        task: TaskID(time: Timestamp(microseconds: 0), random: 1),
        attempt: AttemptID(time: Timestamp(microseconds: 0), random: 2), node: node, runtime: .docker)

    private static let allDirectives: [Directive] = [
        .launch(
            AttemptLaunch(
                attempt: place.attempt, task: place.task, taskName: "web", project: "team",
                spec: TaskSpec(
                    image: "busybox:1.35", command: ["sh", "-c", "é"], environment: ["A": "b"],
                    secrets: [SecretReference(name: "db")],
                    ports: [PortMapping(container: 80, host: 8080)],
                    resources: Resources(cpuMillis: 500, memory: ByteCount(1 << 20)))), on: node),
        .cancelLaunch(place), .watch(place), .stop(place, grace: .milliseconds(1500)), .remove(place),
        .discard(place),
        .probe(
            ProbeOrder(
                place: place, check: HealthCheck(http: .init(path: "/é", port: 80, status: [204])),
                ports: [PortMapping(container: 80, host: 8080)], known: .healthy)),
    ]

    @Test("every order arrives as it was given", arguments: allDirectives)
    func orders(_ directive: Directive) throws {
        let order = try #require(Order(directive))
        let read = try Order(protobuf: order.protobufBytes())
        #expect(try read.directive(on: Self.node) == directive)
    }

    @Test("what is the manager's own to do is no order")
    func wake() { #expect(Order(.wake(Self.place.task, at: Timestamp(microseconds: 1))) == nil) }

    private static let allEvents: [AttemptEvent] = [
        .started(
            at: Timestamp(microseconds: 5), ports: [PortMapping(container: 80, host: 8080)],
            warnings: ["no cgroup"]),
        .startFailed(reason: "no image", retry: true),
        .startFailed(
            reason: "in use", retry: true, busyPorts: [HostPort(8080), HostPort(65_535, isUDP: true)]),
        .startUnclear(reason: "engine away"),
        .startCancelled, .exited(code: 137, at: Timestamp(microseconds: 6), reason: "killed"),
        .exited(code: nil, at: Timestamp(microseconds: 6), reason: "lost"),
        .exited(code: 0, at: Timestamp(microseconds: 6), reason: "exit code 0"),
        .health(.unhealthy, reason: "GET :80/ answered 503"),
    ]

    @Test("every event arrives as it was reported", arguments: allEvents)
    func events(_ event: AttemptEvent) throws {
        let report = Report(.attempt(event, Self.place.attempt, Self.place.task))
        let read = try Report(protobuf: report.protobufBytes()).reports()
        guard case .attempt(event, Self.place.attempt, Self.place.task)? = read.first else {
            Issue.record("it became \(read)")
            return
        }
    }

    @Test("which GPUs a machine has arrives as it was told, also where it has none any more")
    func gpus() throws {
        let some = [
            GPU(index: 0, uuid: "GPU-1", name: "A100", memory: .gibibytes(40)),
            GPU(index: 3, uuid: "GPU-2", name: "é", memory: ByteCount(0)),
        ]
        for gpus in [some, []] {
            let read = try Report(protobuf: Report(.gpus(gpus)).protobufBytes()).reports()
            guard case .gpus(gpus)? = read.first else {
                Issue.record("it became \(read)")
                return
            }
        }
    }

    @Test("what a machine has arrives as it was found, runtimes without attempts too")
    func attempts() throws {
        let found = FoundAttempt(
            attempt: Self.place.attempt, task: Self.place.task, runtime: .docker,
            startedAt: Timestamp(microseconds: 7), ports: [PortMapping(container: 1, host: 2)],
            exit: FoundAttempt.Exit(code: nil, endedAt: Timestamp(microseconds: 8), reason: "?"))
        let all: [RuntimeKind: [FoundAttempt]] = [.docker: [found], .process: []]
        #expect(try Attempts(protobuf: Attempts(all).protobufBytes()).found() == all)
    }

    @Test("a message with an identifier, a runtime or JSON that is none names its field")
    func refused() throws {
        let error = try #require(throws: RPCError.self) {
            try Order(kind: .watch(Place(task: "x", attempt: "y", runtime: "docker"))).directive(
                on: Self.node)
        }
        #expect(error.code == .invalidArgument)
        #expect(error.fields.map(\.path) == ["task"])
        var place = Place(Self.place)
        place.runtime = "wasm"
        #expect(throws: RPCError.self) { try place.attemptPlace(on: Self.node) }
        #expect(throws: RPCError.self) { try Description(nodeJSON: [1, 2]).node() }
        #expect(throws: RPCError.self) { try Order(kind: .stop(Stop())).directive(on: Self.node) }
    }

    @Test("an order and a report of another version are passed over")
    func unknown() throws {
        #expect(try Order().directive(on: Self.node) == nil)
        #expect(try Report().reports().isEmpty)
        let unknown = Attempts(runtimes: [RuntimeAttempts(runtime: "wasm")])
        #expect(try unknown.found().isEmpty)
    }
}
