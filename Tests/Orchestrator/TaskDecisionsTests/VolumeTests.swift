import ClusterModel
import Core
import Testing

@testable import TaskDecisions

@Suite("Volumes")
struct VolumeTests {
    private let data = VolumeID("data", in: "default")

    private func bench(_ nodes: Int = 2) -> Bench {
        var bench = Bench(joined: false)
        for number in 1...nodes { join(&bench, number) }
        return bench
    }

    private func node(_ bench: Bench, _ number: Int) -> Node {
        var node = bench.node
        node.id = NodeID(time: Timestamp(microseconds: 0), random: UInt64(1000 + number))
        node.name = "n\(number)"
        return node
    }

    private func join(_ bench: inout Bench, _ number: Int) {
        _ = bench.core.join(node(bench, number), found: [.process: [], .docker: []], at: origin)
    }

    private func submit(
        _ bench: inout Bench, _ change: (inout TaskSpec) -> Void = { _ in }
    ) throws -> TaskRecord {
        try bench.submit {
            $0.volumes = [VolumeMount(name: "data", target: "/data")]
            change(&$0)
        }.0
    }

    @Test func `one is made by the first task that names it, and others run where that does`() throws {
        var bench = bench(3)
        let first = try submit(&bench)
        let place = try #require(first.current?.node)
        #expect(bench.core.volume(data)?.node == place)
        #expect(bench.core.volume(data)?.createdBy == "user://local/admin")
        for _ in 0..<5 {
            let record = try submit(&bench)
            #expect(record.current?.node == place)
        }
        // Another project's of the same name is another.
        #expect(bench.core.volume(VolumeID("data", in: "other")) == nil)
        #expect(bench.core.takeChangedVolumes().map(\.id) == [data])
        #expect(bench.core.takeChangedVolumes().isEmpty)
    }

    @Test func `who waits with it for room waits for its node from then on`() throws {
        var bench = bench(2)
        let hogs = try (0..<2).map { _ in try bench.running { $0.resources.cpuMillis = 2000 } }
        let waits = try (0..<2).map { _ in try submit(&bench) { $0.resources.cpuMillis = 2000 } }
        #expect(waits.allSatisfy { $0.state == .pending })
        #expect(bench.exit(hogs[0], code: 0).launches.map(\.task) == [waits[0].id])
        // There is room on the other node now, which is not theirs.
        #expect(bench.exit(hogs[1], code: 0).launches.isEmpty)
        let other = try #require(
            bench.core.nodes.values.first { $0.id != bench.state(waits[0]).current?.node })
        #expect(bench.state(waits[1]).reason.contains("\(other.name) is not where its volumes are"))
        let report = try #require(bench.core.explain(waits[1].id))
        #expect(report.obstacles.contains { $0.reason == "is not where its volumes are" })
        #expect(report.remedies.contains { $0.contains("volume ls") })
        _ = bench.observe(.started(at: origin, ports: [], warnings: []), waits[0])
        #expect(bench.exit(bench.state(waits[0]), code: 0).launches.map(\.task) == [waits[1].id])
    }

    @Test func `where it is is found again after a restart, stored or not`() throws {
        for isStored in [true, false] {
            var before = bench(2)
            let first = try submit(&before)
            let place = try #require(first.current?.node)
            let volume = try #require(before.core.volume(data))
            var after = Bench(joined: false)
            for _ in 0..<10 { _ = after.counter.next(TaskKind.self) }
            if isStored { after.core.restore(volume) }
            after.core.restore(before.state(first), idempotencyKey: nil)
            for number in 1...2 { join(&after, number) }
            #expect(after.core.volume(data)?.node == place)
            let second = try submit(&after)
            #expect(second.current?.node == place)
        }
    }

    @Test func `what is over makes no volume again that was removed`() throws {
        var before = bench(1)
        let first = try submit(&before)
        _ = before.observe(.started(at: origin, ports: [], warnings: []), first)
        _ = before.exit(before.state(first), code: 0)
        var after = Bench(joined: false)
        after.core.restore(before.state(first), idempotencyKey: nil)
        #expect(after.core.volume(data) == nil)
    }

    @Test func `it is not removed while a task uses it`() throws {
        var bench = bench(1)
        let record = try submit(&bench)
        #expect(throws: VolumeRefusal.inUse(by: [record.id])) { try bench.core.beginRemoval(of: data) }
        _ = bench.observe(.started(at: origin, ports: [], warnings: []), record)
        _ = bench.exit(bench.state(record), code: 0)
        let volume = try bench.core.beginRemoval(of: data)
        #expect(volume.node == node(bench, 1).id)
        _ = bench.core.endRemoval(of: data, isGone: true, at: origin)
        #expect(bench.core.volume(data) == nil)
        #expect(throws: VolumeRefusal.unknown) { try bench.core.beginRemoval(of: data) }
    }

    @Test(arguments: [true, false])
    func `who asks for it while it is removed waits, and then has one`(isGone: Bool) throws {
        var bench = bench(2)
        let record = try submit(&bench)
        let place = try #require(record.current?.node)
        _ = bench.observe(.started(at: origin, ports: [], warnings: []), record)
        _ = bench.exit(bench.state(record), code: 0)
        _ = try bench.core.beginRemoval(of: data)
        #expect(throws: VolumeRefusal.self) { try bench.core.beginRemoval(of: data) }
        let next = try submit(&bench)
        #expect(next.state == .pending)
        let decision = bench.core.endRemoval(of: data, isGone: isGone, at: origin)
        #expect(decision.launches.map(\.task) == [next.id])
        #expect(bench.core.volume(data)?.node == bench.state(next).current?.node)
        if !isGone { #expect(bench.state(next).current?.node == place) }
    }

    @Test func `one that was made on a node draws its tasks there, and goes with the node`() throws {
        var bench = bench(2)
        let place = node(bench, 2).id
        let volume = Volume(
            name: "data", project: "default", node: place, createdAt: origin, createdBy: "user://local/admin")
        try bench.core.make(volume)
        #expect(throws: VolumeRefusal.exists) { try bench.core.make(volume) }
        let record = try submit(&bench)
        #expect(record.current?.node == place)
        _ = bench.core.lose(place, because: "gone", at: origin)
        let waits = try submit(&bench)
        #expect(waits.reason.contains("n1 is not where its volumes are; n2 is lost (gone)"))
        _ = try bench.core.forget(place, at: seconds(5))
        // Who waits looks for a place anew; and the one that was lost is none after a restart either.
        #expect(bench.state(waits).current?.node == node(bench, 1).id)
        var after = Bench(joined: false)
        for _ in 0..<100 { _ = after.counter.next(TaskKind.self) }
        var stored = try #require(bench.core.volume(data))
        stored.node = nil
        after.core.restore(stored)
        after.core.restore(record, idempotencyKey: nil)
        #expect(after.core.volume(data)?.node == nil)
    }

    @Test func `a plan knows where volumes are`() throws {
        var bench = bench(2)
        let first = try submit(&bench)
        let name = try #require(bench.core.nodes[first.current!.node]?.name)
        var rehearsal = bench.core.rehearsal(project: "default", tasks: [])
        var spec = TaskSpec(executable: "/bin/true")
        spec.volumes = [VolumeMount(name: "data"), VolumeMount(name: "new")]
        for _ in 0..<3 {
            let place = rehearsal.place(bench.counter.next(), spec)
            #expect(place == .node(name, evicts: []))
        }
    }
}
