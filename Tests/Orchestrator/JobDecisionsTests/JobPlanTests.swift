import ClusterModel
import Core
import JobDecisions
import JobModel
import Testing

/// Nodes that hold so many tasks each.
private struct Rooms: JobRehearsal {
    var free: [String: Int]
    var held: [TaskID: String] = [:]

    mutating func place(_ task: TaskID, _ spec: TaskSpec) -> RehearsedPlace {
        guard let node = free.filter({ $0.value > 0 }).keys.min() else { return .waits("no node has room") }
        free[node]! -= 1
        held[task] = node
        return .node(node, evicts: [])
    }

    mutating func release(_ task: TaskID) {
        if let node = held.removeValue(forKey: task) { free[node]! += 1 }
    }

    func node(of task: TaskID) -> String? { held[task] }
}

@Suite struct JobPlanTests {
    private func service(_ instances: Int, _ image: String = "a", update: UpdatePolicy = UpdatePolicy())
        -> JobSpec
    {
        JobSpec(
            name: "web", update: update,
            tasks: [JobTask(name: "web", instances: instances, spec: TaskSpec(image: image))])
    }

    private func up(_ spec: JobSpec, _ rooms: inout Rooms) -> JobTwin {
        var twin = JobTwin(spec)
        twin.settle()
        for task in twin.tasks(in: [.pending]) { _ = rooms.place(task, twin.specs[task]!) }
        twin.beginAll()
        twin.pass(5)
        twin.settle()
        return twin
    }

    private func plan(_ spec: JobSpec, _ twin: JobTwin?, _ rooms: Rooms) throws(JobRefusal) -> JobPlan {
        var rooms = rooms
        let world =
            twin?.world ?? JobWorld(now: Timestamp(microseconds: 0), sight: { _ in nil }) { fatalError() }
        return try JobPlanner.plan(spec, over: twin?.work, project: "default", in: world, &rooms)
    }

    @Test func `a new job is placed, and what has no room waits and says why`() throws {
        let plan = try plan(service(3), nil, Rooms(free: ["one": 1, "two": 1]))
        #expect(plan.action == .create)
        #expect(plan.changes)
        #expect(plan.version == nil)
        #expect(plan.groups[0].created == 3)
        #expect(plan.placements.map(\.node) == ["one", "two", nil])
        #expect(plan.placements[2].reason == "no node has room")
    }

    @Test func `the same job changes nothing`() throws {
        var rooms = Rooms(free: ["one": 5])
        let twin = up(service(2), &rooms)
        let plan = try plan(service(2), twin, rooms)
        #expect(plan.action == .nothing)
        #expect(!plan.changes)
        #expect(plan.groups[0].kept == 2)
        #expect(plan.placements.isEmpty && plan.stops.isEmpty)
    }

    @Test func `a new version replaces all, and fewer are stopped`() throws {
        var rooms = Rooms(free: ["one": 5])
        let twin = up(service(2), &rooms)
        let update = try plan(service(3, "b"), twin, rooms)
        #expect(update.action == .update)
        #expect((update.version, update.nextVersion) == (1, 2))
        #expect(update.groups[0].replaced == 2)
        #expect(update.groups[0].created == 1)
        #expect(update.groups[0].kept == 0)
        #expect(Set(update.stops.map(\.name)) == Set(twin.work.instances.map(\.name)))
        #expect(update.stops.allSatisfy { $0.node == "one" })
        let fewer = try plan(service(1), twin, rooms)
        #expect(fewer.groups[0].stopped == 1)
        #expect(fewer.groups[0].kept == 1)
        #expect(fewer.placements.isEmpty)
        // Planning has changed nothing.
        #expect(twin.work.job.version == 1)
    }

    @Test func `an update without room beside the old ones waits, unless old ones may go first`() throws {
        var rooms = Rooms(free: ["one": 2])
        let twin = up(service(2), &rooms)
        let stuck = try plan(service(2, "b"), twin, rooms)
        #expect(stuck.placements.map(\.node) == [nil])
        #expect(stuck.stops.isEmpty)
        let update = UpdatePolicy(maxSurge: 0, maxUnavailable: 1)
        let moves = try plan(service(2, "b", update: update), twin, rooms)
        #expect(moves.placements.map(\.node) == ["one", "one"])
        #expect(moves.groups[0].replaced == 2)
    }

    @Test func `the order in which tasks start is said, and all of them are placed`() throws {
        let spec = JobSpec(
            name: "shop",
            tasks: [
                JobTask(name: "web", after: ["db", "cache:started"], spec: TaskSpec(image: "x")),
                JobTask(name: "db", spec: TaskSpec(image: "y")),
                JobTask(name: "cache", spec: TaskSpec(image: "z")),
            ])
        let plan = try plan(spec, nil, Rooms(free: ["one": 9]))
        #expect(plan.notes == ["web starts when db is healthy and cache is started"])
        #expect(plan.placements.map(\.task) == ["db", "cache", "web"])
        #expect(plan.groups.map(\.created) == [1, 1, 1])
    }

    @Test func `of a batch that comes first which may run now`() throws {
        let spec = JobSpec(
            name: "sums", type: .batch,
            tasks: [
                JobTask(name: "part", instances: 5, parallelism: 2, spec: TaskSpec(image: "x")),
                JobTask(name: "total", after: ["part"], spec: TaskSpec(image: "y")),
            ])
        let plan = try plan(spec, nil, Rooms(free: ["one": 9]))
        #expect(plan.groups.map(\.created) == [2, 0])
        #expect(plan.groups.map(\.later) == [3, 1])
    }

    @Test func `a cron job tells its times, and where its tasks would be`() throws {
        let spec = JobSpec(
            name: "nightly", type: .cron, cron: CronPolicy(schedule: "30 2 * * *"),
            tasks: [JobTask(name: "part", spec: TaskSpec(image: "x"))])
        let plan = try plan(spec, nil, Rooms(free: ["one": 1]))
        #expect(plan.nextRuns.first?.description == "1970-01-01T02:30:00.000Z")
        #expect(plan.placements.map(\.node) == ["one"])
    }

    @Test func `what cannot be run cannot be planned`() throws {
        var rooms = Rooms(free: ["one": 1])
        let twin = up(service(1), &rooms)
        var batch = service(1)
        batch.type = .batch
        #expect(throws: JobRefusal.otherType(.service)) { try plan(batch, twin, rooms) }
    }

    @Test func `an update of very many is planned in bounded time, and says that it goes on`() throws {
        var rooms = Rooms(free: ["one": 3000])
        let twin = up(service(500), &rooms)
        let plan = try plan(service(500, "b"), twin, rooms)
        #expect(plan.notes.contains("the rest of it goes on in the same way"))
        #expect(plan.placements.count >= 100)
    }

    @Test func `fields that differ are named by task`() throws {
        var after = service(3, "b")
        after.tasks.append(JobTask(name: "log", spec: TaskSpec(image: "l")))
        let found = try service(2).differences(to: after)
        #expect(found.map(\.path) == ["tasks[log]", "tasks[web].image", "tasks[web].instances"])
        #expect(found.map(\.before) == [nil, "\"a\"", "2"])
        #expect(found.map(\.after) == ["l", "\"b\"", "3"])
        var swapped = after
        swapped.tasks.swapAt(0, 1)
        #expect(try after.differences(to: swapped).map(\.path) == ["tasks"])
        #expect(try after.differences(to: after).isEmpty)
    }
}
