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

    private static func described(_ change: (inout Node) -> Void) -> Node {
        var node = Node(
            id: node, name: "one", state: .ready, capacity: Capacity(cpuMillis: 4000), allocated: Capacity(),
            architecture: "x86_64", operatingSystem: "Linux", version: "1", runtimes: [],
            registeredAt: Timestamp(microseconds: 1000))
        change(&node)
        return node
    }

    private static func registration(_ node: Node) -> Registration {
        Registration(node, incarnation: 1, host: "", port: 1, time: Timestamp(microseconds: 1))
    }

    private static let impossibleNodes: [(Node, String)] = [
        (described { $0.capacity.cpuMillis = -1 }, "-1 thousandths"),
        (described { $0.capacity.memory = ByteCount(.max) }, "bytes"),
        (described { $0.capacity.disk = ByteCount(-5) }, "-5 bytes"),
        (described { $0.capacity.tasks = .max }, "tasks"),
        (described { $0.capacity.gpus = -1 }, "-1 GPUs"),
        (described { $0.registeredAt = Timestamp(microseconds: -1) }, "at no time"),
        (described { $0.labels = ["a": String(repeating: "x", count: 1 << 17)] }, "labels"),
        (described { $0.version = String(repeating: "x", count: 5000) }, "4096 bytes"),
        (
            described {
                $0.runtimes = (0..<2).map { _ in
                    RuntimeStatus(kind: .docker, isAvailable: true, detail: "")
                }
            }, "twice"
        ),
        (
            described {
                $0.gpus = (0..<2).map { _ in GPU(index: 0, uuid: "a", name: "", memory: ByteCount(1)) }
            }, "twice"
        ),
    ]

    @Test("a machine that says what cannot be is refused, with what that is", arguments: impossibleNodes)
    func impossible(_ node: Node, _ said: String) throws {
        let reads: [() throws -> Void] = [
            { _ = try Self.registration(node).described() }, { _ = try Description(node).node() },
        ]
        for read in reads {
            let error = try #require(throws: RPCError.self) { try read() }
            #expect(error.fields.map(\.path) == ["node_json"])
            #expect(error.message.contains(said), "\(error)")
        }
        #expect(try Self.registration(Self.described { _ in }).described() == Self.described { _ in })
    }

    @Test("what a machine cannot be busy with is refused, with a registration and when it is asked")
    func impossibleMetrics() throws {
        let metrics = NodeMetrics(
            cpuBusy: 0.5, load: [1, 2, 3], memoryUsed: ByteCount(1), memoryTotal: ByteCount(2),
            diskUsed: ByteCount(1), diskTotal: ByteCount(2), tasks: 3, takenAt: Timestamp(microseconds: 1000))
        let changes: [(inout NodeMetrics) -> Void] = [
            { $0.cpuBusy = -0.1 }, { $0.cpuBusy = 2 }, { $0.load = [-1, 0, 0] }, { $0.load = [1, 1, 1, 1] },
            { $0.memoryUsed = ByteCount(-1) }, { $0.diskTotal = ByteCount(-1) }, { $0.tasks = -1 },
            {
                $0.gpus = [
                    GPUMetrics(
                        index: -1, uuid: "", name: "", busy: nil, memoryUsed: ByteCount(0),
                        memoryTotal: ByteCount(0))
                ]
            },
        ]
        for change in changes {
            var wrong = metrics
            change(&wrong)
            #expect(throws: RPCError.self) { try Measurement(wrong).metrics() }
            let node = Self.described { $0.metrics = wrong }
            #expect(throws: RPCError.self) { try Self.registration(node).metrics() }
        }
        // No JSON, but of other languages.
        let text = String(decoding: Measurement(metrics).metricsJSON ?? [], as: UTF8.self)
        for number in ["NaN", "1e999", "-Infinity"] {
            let wrong = text.replacing("0.5", with: number)
            #expect(throws: RPCError.self) {
                try Measurement(metricsJSON: Array(wrong.utf8)).metrics()
            }
        }
        #expect(try Measurement(metrics).metrics() == metrics)
    }

    @Test("times and durations that are none are refused", arguments: [Int64.min, -1, Int64.max])
    func impossibleTimes(_ number: Int64) throws {
        var registration = Self.registration(Self.described { _ in })
        registration.time = number
        #expect(throws: RPCError.self) { try registration.clock() }
        #expect(throws: RPCError.self) { try LeaseGrant(leaseMs: number).lease() }
        #expect(throws: RPCError.self) { try Hello(leaseMs: number).lease() }
        let exit = Exit(code: 0, at: number, reason: "")
        let (attempt, task) = (Self.place.attempt.text, Self.place.task.text)
        for event in [AttemptNews.Event.exited(exit), .started(Started(at: number))] {
            #expect(throws: RPCError.self) {
                try Report(kind: .attempt(AttemptNews(attempt: attempt, task: task, event: event))).reports()
            }
        }
        for found in [
            Found(attempt: attempt, task: task, startedAt: number),
            Found(attempt: attempt, task: task, startedAt: 1, exit: exit),
        ] {
            #expect(throws: RPCError.self) {
                try Attempts(runtimes: [RuntimeAttempts(runtime: "docker", attempts: [found])]).found()
            }
        }
        #expect(throws: RPCError.self) { try LogRequest(since: number).query() }
        #expect(throws: RPCError.self) { try LogPiece(time: number).record() }
        // Less than nothing is at once.
        let stop = Order(kind: .stop(Stop(place: Place(Self.place), graceMs: number)))
        if number < 0 {
            #expect(try stop.directive(on: Self.node) == .stop(Self.place, grace: .zero))
        } else {
            #expect(throws: RPCError.self) { try stop.directive(on: Self.node) }
        }
    }

    @Test(
        "a launch that asks for what is no number that can be counted with is refused",
        arguments: [
            #"{"image": "a", "resources": {"cpu": 1e300}}"#, #"{"image": "a", "resources": {"cpu": -1e300}}"#,
            #"{"image": "a", "stopGrace": 1e300}"#, #"{"image": "a", "timeout": 4e9}"#,
        ])
    func impossibleSpecification(_ json: String) throws {
        let launch = Launch(
            attempt: Self.place.attempt.text, task: Self.place.task.text, specJSON: Array(json.utf8))
        let error = try #require(throws: RPCError.self) {
            try Order(kind: .launch(launch)).directive(on: Self.node)
        }
        #expect(error.fields.map(\.path) == ["spec_json"])
    }

    @Test("what an attempt cannot use, and a port that is none, are refused")
    func impossibleUse() throws {
        for wrong in [
            Usage(cpuSeconds: .nan), Usage(cpuSeconds: -.infinity), Usage(memory: -1), Usage(processes: -1),
            Usage(readBytes: -1), Usage(writtenBytes: -1),
        ] {
            #expect(throws: RPCError.self) { try wrong.attemptUsage() }
        }
        let failed = AttemptNews.Event.startFailed(StartFailed(busyPort: [131_072]))
        let news = AttemptNews(attempt: Self.place.attempt.text, task: Self.place.task.text, event: failed)
        #expect(throws: RPCError.self) { try Report(kind: .attempt(news)).reports() }
    }

    @Test("a worker that ends a session is told with its reason, or that it gave none")
    func goodbye() {
        for (said, told) in [("too slow", "too slow"), ("", "the worker ends the session, and says not why")]
        {
            let error = #expect(throws: RPCError.self) { try Report(kind: .goodbye(said)).reports() }
            #expect(error?.code == .aborted && error?.message == told)
        }
    }

    @Test("an order and a report of another version are passed over")
    func unknown() throws {
        #expect(try Order().directive(on: Self.node) == nil)
        #expect(try Report().reports().isEmpty)
        let unknown = Attempts(runtimes: [RuntimeAttempts(runtime: "wasm")])
        #expect(try unknown.found().isEmpty)
    }
}
