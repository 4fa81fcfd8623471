import ClusterModel
import Core
import Scheduling
import Simulation
import TaskDecisions

/// People and programs that use the cluster: submit with a key until they are told something, stop, remove.
final class Clients {
    private unowned(unsafe) let world: World

    init(_ world: World) { self.world = world }

    /// Has so many tasks submitted, spread over the time until `end`.
    func submit(_ count: Int, until end: Int64) {
        for _ in 0..<count {
            world.after(world.random.number(0...end)) { [self] in begin() }
        }
    }

    private func begin() {
        var spec = Self.draw(&world.random)
        if world.hasPorts { Self.drawPorts(&spec, &world.random) }
        let number = world.ledger.add(spec)
        world.counts.submissions += 1
        ask(number, tries: 0)
    }

    private static func draw(_ random: inout SplitMix64) -> TaskSpec {
        var spec = random.chance(0.5) ? TaskSpec(image: "work:1") : TaskSpec(executable: "/bin/work")
        spec.resources.cpuMillis = random.pick([
            nil, 100, 250, 500, 1000, 2000, random.chance(0.05) ? 8000 : 500,
        ])
        spec.resources.memory = random.pick([nil, .mebibytes(256), .gibibytes(1), .gibibytes(4)])
        spec.resources.gpus = random.chance(0.03) ? 1 : nil
        spec.priority = random.pick([0, 0, 0, 5, -5])
        spec.stopGrace = Seconds(Double(random.chance(0.08) ? 120 : random.pick([0, 1, 3, 10])))
        if random.chance(0.6) {
            (spec.onDisconnect, spec.stopAfter) = (.stopAfter, Seconds(Double(random.pick([0, 2, 10]))))
        }
        if random.chance(0.1) { spec.timeout = Seconds(Double(random.pick([5, 30]))) }
        if random.chance(0.2) { spec.constraints = [.init("zone", .isIn, [random.chance(0.5) ? "a" : "b"])] }
        if random.chance(0.05) { spec.health = HealthCheck.draw(&random) }
        if random.chance(0.02) { spec.command = [Behaviour.lasting] }
        spec.restart = RestartPolicy(
            mode: random.pick([.never, .never, .onFailure, .onFailure, random.chance(0.2) ? .always : .never]
            ),
            attempts: random.pick([nil, 1, 3]), wait: Seconds(random.pick([0.5, 2, 10])),
            maximumWait: Seconds(random.pick([5, 60])), sameNode: random.pick([nil, 0, 1]))
        if random.chance(0.05) { spec.startWithin = Seconds(Double(random.pick([1, 20, 60]))) }
        if random.chance(0.05) { spec.finishWithin = Seconds(Double(random.pick([60, 300]))) }
        return spec
    }

    private static func drawPorts(_ spec: inout TaskSpec, _ random: inout SplitMix64) {
        spec.resources.disk = random.chance(0.3) ? .gibibytes(random.number(1...40)) : nil
        guard random.chance(0.3) else { return }
        spec.ports = [PortMapping(container: 80), PortMapping(container: 53, transport: .udp)]
        if random.chance(0.5) { spec.ports[0].host = random.pick([8080, 8081, 20_001]) }
    }

    // MARK: Calls

    /// Has a manager do something, and hears of it unless it, or the answer, is lost on the way.
    private func call(
        _ body: @escaping (VirtualManager, @escaping (VirtualManager.Answer) -> Void) -> Void,
        _ done: @escaping (VirtualManager.Answer?) -> Void
    ) {
        guard let manager = world.choose() else {
            return world.after(world.random.number(Span.second...3 * Span.second)) { done(nil) }
        }
        var isOver = false
        let finish = { (answer: VirtualManager.Answer?) in
            guard !isOver else { return }
            isOver = true
            done(answer)
        }
        for _ in 0..<(world.random.chance(0.03) ? 2 : 1) {
            world.after(world.random.number(200...5000)) { [self] in
                manager.perform { [self] in
                    body(manager) { [self] answer in
                        world.after(world.random.number(200...5000)) { finish(answer) }
                    }
                }
            }
        }
        world.after(10 * Span.second) { finish(nil) }
    }

    private func ask(_ number: Int, tries: Int) {
        let entry = world.ledger.entries[number]
        let submission = Submission(
            id: world.identifiers.make(), name: nil, project: "default", spec: entry.spec,
            principal: "user://local/admin", idempotencyKey: entry.key)
        call({ $0.submit(submission, $1) }) { [self] answer in
            if case .accepted(let record) = answer { return acknowledge(number, record) }
            guard tries < 100 else { return }
            world.after(world.random.number(Span.second...5 * Span.second)) { [self] in
                ask(number, tries: tries + 1)
            }
        }
    }

    private func acknowledge(_ number: Int, _ record: TaskRecord) {
        let entry = world.ledger.entries[number]
        world.check(
            world.store.rows[record.id]?.key == entry.key, .taskLost,
            "\(entry.key) is acknowledged as \(record.name), and not stored")
        guard world.violation == nil else { return }
        world.counts.acknowledged += 1
        world.ledger.acknowledge(number, record.id)
        // Some lose the answer, and ask again.
        if world.random.chance(0.05) {
            world.after(world.random.number(Span.second...30 * Span.second)) { [self] in
                repeatSubmission(number, record.id)
            }
        }
        let isEndless = entry.spec.restart.mode == .always || entry.spec.command.first == Behaviour.lasting
        if isEndless || world.random.chance(0.2) {
            let wait = world.random.number(0...(isEndless ? 10 * Span.minute : 2 * Span.minute))
            world.after(wait) { [self] in stop(number, record.id) }
        }
        world.after(world.random.number(2 * Span.minute...8 * Span.minute)) { [self] in
            giveUp(number, record.id)
        }
        if world.random.chance(0.1) { removeLater(number, record.id) }
    }

    private func repeatSubmission(_ number: Int, _ first: TaskID) {
        let entry = world.ledger.entries[number]
        let submission = Submission(
            id: world.identifiers.make(), name: nil, project: "default", spec: entry.spec,
            principal: "user://local/admin", idempotencyKey: entry.key)
        call({ $0.submit(submission, $1) }) { [self] answer in
            guard case .accepted(let record) = answer, record.id != first else { return }
            world.check(
                world.store.rows[first] == nil, .keyTwice, "\(entry.key) is \(first) and \(record.id)")
            world.ledger.acknowledge(number, record.id)
        }
    }

    /// Nobody waits for ever for a place.
    private func giveUp(_ number: Int, _ task: TaskID) {
        guard let record = world.store.rows[task]?.record, record.state == .pending else { return }
        stop(number, task)
    }

    func stop(_ number: Int, _ task: TaskID) {
        call({ $0.stop(task, $1) }) { [self] answer in
            if case .unknown = answer { return }
            guard case .done = answer else {
                return world.after(world.random.number(Span.second...5 * Span.second)) { [self] in
                    stop(number, task)
                }
            }
            guard let record = world.store.rows[task]?.record else { return }
            world.check(
                record.desired == .stopped || record.state.isFinal, .taskLost,
                "the stop of \(record.name) is acknowledged, and it is stored as \(record.desired)")
        }
    }

    private func removeLater(_ number: Int, _ task: TaskID) {
        world.after(world.random.number(20 * Span.second...2 * Span.minute)) { [self] in
            guard let record = world.store.rows[task]?.record else { return }
            guard record.state.isFinal else { return removeLater(number, task) }
            world.ledger.askRemoval(number)
            call({ $0.remove(task, $1) }) { [self] answer in
                if case .unknown = answer { return }
                guard case .done = answer else { return removeLater(number, task) }
                world.check(
                    world.store.rows[task] == nil, .taskLost,
                    "the removal of \(task) is acknowledged, and it is stored")
            }
        }
    }
}
