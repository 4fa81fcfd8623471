import ClusterModel
import Core
import Scheduling
import TaskDecisions
import Testing

struct PlacingTests {
    /// A bench with `count` more nodes, in zones a and b by turns.
    private func bench(_ count: Int) -> Bench {
        var bench = Bench()
        for index in 0..<count {
            var node = bench.node
            node.id = bench.counter.next()
            node.name = "more-\(index)"
            node.labels = ["zone": index % 2 == 0 ? "a" : "b"]
            _ = bench.core.join(node, found: [.process: [], .docker: []], at: origin)
        }
        return bench
    }

    @Test func `a task goes where its constraints hold, and rather where its preferences do`() throws {
        var bench = bench(4)
        let (only, _) = try bench.submit { $0.constraints = [Constraint("node.name", .isIn, ["more-2"])] }
        #expect(bench.core.nodes[only.current!.node]!.name == "more-2")
        let (rather, _) = try bench.submit {
            $0.affinities = [Affinity(Constraint("zone", .isIn, ["b"]), weight: 100)]
        }
        #expect(bench.core.nodes[rather.current!.node]!.labels["zone"] == "b")
    }

    @Test func `on many nodes the reason counts what rules them out`() throws {
        var bench = bench(4)
        let (record, _) = try bench.submit {
            $0.constraints = [Constraint("zone", .isIn, ["a"])]
            $0.resources.memory = .gibibytes(2)
        }
        #expect(record.reason == "waiting for room: of 5 nodes 3 are not 'zone = a', 2 are too small: memory")
        let report = bench.core.explain(record.id)
        #expect(report?.possible == 0)
        #expect(
            report?.remedies == [
                "drop the constraint 'zone = a', or label a node so: 'apollo node label NODE NAME=VALUE'",
                "ask for less memory, or add a larger node",
            ])
    }

    @Test func `it is told what stands behind the first thing that rules nodes out`() throws {
        var bench = bench(3)
        let (record, _) = try bench.submit {
            $0.constraints = [
                Constraint("disk", .isIn, ["ssd"]), Constraint("zone", .isIn, ["a"]),
            ]
            $0.resources.cpuMillis = 1_000_000
        }
        let report = try #require(bench.core.explain(record.id))
        #expect(report.obstacles.map { "\($0.nodes) \($0.reason)" } == ["4 are not 'disk = ssd'"])
        #expect(
            report.besides.map { "\($0.nodes) \($0.reason)" } == [
                "4 are too small: CPU",
                "\(bench.core.nodes.values.count { $0.labels["zone"] != "a" }) are not 'zone = a'",
            ])
        #expect(report.remedies.filter { $0.hasPrefix("and then: ") }.count == 2)
    }

    @Test func `those of a group keep apart, and whoever waits says of whom`() throws {
        var bench = bench(1)
        func apart(_ spec: inout TaskSpec) { (spec.group, spec.apart) = ("web", true) }
        let placed = try (0..<2).map { _ in try bench.submit(nil, key: nil, apart).0 }
        #expect(Set(placed.compactMap { $0.current?.node }).count == 2)
        let (waits, _) = try bench.submit(nil, key: nil, apart)
        #expect(waits.reason == "waiting for room: one has one of web already; more-0 has one of web already")
        #expect(
            bench.core.explain(waits.id)?.remedies == ["add nodes, or let those of web share one: apart"])
        // Another project's group of the same name is another group.
        var spec = waits.spec
        spec.priority = 1
        let other = Submission(
            id: bench.counter.next(), name: nil, project: "other", spec: spec, principal: "user://local/admin"
        )
        #expect(try bench.core.submit(other, at: origin).0.state == .scheduled)
        _ = bench.observe(.started(at: origin, ports: [], warnings: []), placed[0])
        #expect(bench.exit(bench.core.tasks[placed[0].id]!, code: 0).launches.map(\.task) == [waits.id])
    }

    @Test func `those of a group go evenly over a label, and wait rather than differ by more`() throws {
        var bench = bench(4)
        func spread(_ spec: inout TaskSpec) {
            spec.group = "web"
            spec.spread = SpreadRule(over: "zone", maximumSkew: 1)
            spec.constraints = [Constraint("zone", .exists)]
            spec.resources.cpuMillis = 1000
        }
        var zones: [String: Int] = [:]
        for _ in 0..<8 {
            let record = try bench.submit(nil, key: nil, spread).0
            zones[bench.core.nodes[record.current!.node]!.labels["zone"]!, default: 0] += 1
        }
        #expect(zones == ["a": 4, "b": 4])
    }

    @Test func `places are counted once when a node joins again`() throws {
        var bench = Bench()
        let record = try bench.running { $0.resources.cpuMillis = 1500 }
        let found = FoundAttempt(
            attempt: record.current!.id, task: record.id, runtime: .process, startedAt: origin)
        _ = bench.core.join(bench.node, found: [.process: [found], .docker: []], at: origin)
        let (waits, _) = try bench.submit { $0.resources.cpuMillis = 1500 }
        #expect(waits.state == .pending)
        let decision = bench.exit(record, code: 0)
        #expect(decision.launches.map(\.task) == [waits.id])
        let (small, _) = try bench.submit { $0.resources.cpuMillis = 500 }
        #expect(small.state == .scheduled)
    }
}
