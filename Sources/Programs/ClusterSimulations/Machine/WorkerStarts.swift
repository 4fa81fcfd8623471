import ClusterModel
import Core
import Simulation
import TaskDecisions
import Workers

// Carries directives out, as `Workers/Worker` does it.
extension WorkerProcess {
    func carryOut(_ directive: Directive) {
        switch directive {
        case .launch(let launch, _): start(launch)
        case .cancelLaunch(let place): if starting[place.attempt] != nil { starting[place.attempt] = true }
        case .watch(let place): watch(place)
        case .stop(let place, let grace):
            probings[place.attempt] = nil
            unlessStarting(place, directive) { [self] runner in
                if let runner { machine.stop(runner, grace: grace) }
                watch(place)
            }
        case .remove(let place):
            unlessStarting(place, directive) { [self] runner in
                if runner?.isLive == false { machine.runners[place.attempt] = nil }
            }
        case .discard(let place):
            unlessStarting(place, directive) { [self] runner in discard(place, runner) }
        case .probe(let order): probe(order)
        case .wake: break
        }
    }

    /// What a runtime is asked of an attempt that it is just starting, it does after that; one that is away is asked again.
    private func unlessStarting(
        _ place: AttemptPlace, _ directive: Directive, _ body: (VirtualMachine.Runner?) -> Void
    ) {
        if starting[place.attempt] != nil || machine.away.contains(place.runtime) {
            if case .stop = directive, machine.away.contains(place.runtime) {
                machine.runners[place.attempt]?.isOutOfReach = true
            }
            after(world.random.number(100_000...Span.second)) { [self] in carryOut(directive) }
        } else {
            body(machine.runners[place.attempt])
        }
    }

    private func discard(_ place: AttemptPlace, _ runner: VirtualMachine.Runner?) {
        guard let runner else { return }
        guard runner.isLive else {
            machine.runners[place.attempt] = nil
            return
        }
        machine.stop(runner, grace: .zero)
        after(50_000) { [self] in carryOut(.discard(place)) }
    }

    // MARK: Starting

    private func start(_ launch: AttemptLaunch) {
        guard starting[launch.attempt] == nil else {
            if world.bug == .appliesTwice { _ = begin(launch) }
            return
        }
        starting[launch.attempt] = false
        after(world.random.number(machine.startTime)) { [self] in finishStart(launch) }
        starts[launch.attempt] = { [self] in _ = begin(launch) }
    }

    private func finishStart(_ launch: AttemptLaunch) {
        let isGivenUp = starting.removeValue(forKey: launch.attempt) ?? false
        starts[launch.attempt] = nil
        let event = outcome(of: launch, isGivenUp)
        report(.attempt(event, launch.attempt, launch.task))
        if case .started = event {
            watch(
                AttemptPlace(
                    task: launch.task, attempt: launch.attempt, node: machine.id,
                    runtime: launch.spec.runtime))
        }
    }

    private func outcome(of launch: AttemptLaunch, _ isGivenUp: Bool) -> AttemptEvent {
        if machine.runners[launch.attempt] == nil {
            if isGivenUp, world.random.chance(0.5) { return .startCancelled }
            if machine.away.contains(launch.spec.runtime) {
                if world.random.chance(0.3) { _ = begin(launch) }
                return .startUnclear(reason: "the runtime went away")
            }
            if let port = launch.spec.ports.first?.hostPort, world.random.chance(0.05) {
                return .startFailed(reason: "a port is in use", retry: true, busyPorts: [port])
            }
            if world.random.chance(machine.troubles) {
                return .startFailed(reason: "no such image", retry: world.random.chance(0.7))
            }
        }
        return .started(at: begin(launch).startedAt, ports: launch.spec.ports, warnings: [])
    }

    private func begin(_ launch: AttemptLaunch) -> VirtualMachine.Runner {
        let behaviour = Behaviour.draw(launch.spec, &world.random)
        return machine.begin(launch, for: behaviour.time, behaviour.code)
    }

    // MARK: Watching

    private func watch(_ place: AttemptPlace) {
        guard watched.insert(place.attempt).inserted else { return }
        look(at: place)
    }

    /// Reports the end of an attempt once it can be known.
    private func look(at place: AttemptPlace) {
        guard !machine.away.contains(place.runtime) else {
            return after(world.random.number(100_000...Span.second)) { [self] in look(at: place) }
        }
        let runner = machine.runners[place.attempt]
        if let runner, runner.isLive { return }
        watched.remove(place.attempt)
        probings[place.attempt] = nil
        let reason = runner == nil ? "lost: its runtime does not know it any more" : "exit"
        report(
            .attempt(
                .exited(code: runner?.code, at: runner?.endedAt ?? machine.civil, reason: reason),
                place.attempt, place.task))
    }

    func saw(endOf runner: VirtualMachine.Runner) {
        let launch = runner.launch
        guard watched.contains(launch.attempt) else { return }
        let place = AttemptPlace(
            task: launch.task, attempt: launch.attempt, node: machine.id, runtime: launch.spec.runtime)
        after(world.random.number(0...5000)) { [self] in look(at: place) }
    }
}

/// How long an attempt runs by itself, and what comes of it.
struct Behaviour {
    var time: Int64
    var code: Int32

    static let lasting = "lasting"
    static let failing = "failing"

    static func draw(_ spec: TaskSpec, _ random: inout SplitMix64) -> Behaviour {
        if spec.command.first == failing {
            return Behaviour(time: random.number(100_000...2 * Span.second), code: 1)
        }
        let code: Int32 = random.chance(0.85) ? 0 : 1
        guard spec.command.first != lasting else {
            // Most of what lasts does so until it is stopped.
            return Behaviour(
                time: random.chance(0.1) ? random.number(Span.second...10 * Span.minute) : 1000 * Span.hour,
                code: code)
        }
        let time =
            switch random.next(below: 10) {
            case 0...4: random.number(100_000...20 * Span.second)
            case 5...8: random.number(20 * Span.second...2 * Span.minute)
            default: random.number(2 * Span.minute...10 * Span.minute)
            }
        return Behaviour(time: time, code: code)
    }
}
