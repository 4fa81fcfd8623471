import ClusterModel
import Core
import HealthDecisions
import Simulation
import TaskDecisions
import Workers

/// The probing of one attempt.
final class Probing {
    let order: ProbeOrder
    let runner: VirtualMachine.Runner
    var tracker: HealthTracker
    /// What was told last.
    var told: HealthTracker.News?

    init(_ order: ProbeOrder, _ runner: VirtualMachine.Runner, at now: MonotonicInstant) {
        self.order = order
        self.runner = runner
        tracker = HealthTracker(order.check, known: order.known, at: now)
    }
}

// Health checks, as `Workers/Worker` makes them. While all is well nothing comes of a probe: the next that is made is the first that
// finds something else.
extension WorkerProcess {
    func probe(_ order: ProbeOrder) {
        let attempt = order.place.attempt
        guard watched.contains(attempt), let runner = machine.runners[attempt] else { return }
        if let known = probings[attempt] {
            if let news = known.told { tell(news, known) }
            return
        }
        let probing = Probing(order, runner, at: machine.instant)
        probings[attempt] = probing
        probeNext(probing)
    }

    private func probeNext(_ probing: Probing) {
        guard let next = probing.tracker.nextProbe else { return }
        var wait = machine.clocks.wait(for: next, from: world.now)
        if probing.told?.state == .healthy {
            guard let sickFrom = probing.runner.sickFrom else { return }
            wait = max(wait, sickFrom - world.now)
        }
        after(wait + world.random.number(1000...Span.second)) { [self] in
            guard probings[probing.order.place.attempt] === probing, probing.runner.isLive else { return }
            take(result(of: probing), probing)
            probeNext(probing)
        }
    }

    /// Nil where nothing was found out of the task.
    private func result(of probing: Probing) -> ProbeResult? {
        if probing.order.check.exec != nil, machine.away.contains(probing.order.place.runtime) {
            return world.bug == .blamesTasks ? ProbeResult(isGood: false, "no runtime") : nil
        }
        let isWell = !probing.runner.isSick(world.now)
        return ProbeResult(isGood: isWell, isWell ? "answers" : "does not answer")
    }

    private func take(_ result: ProbeResult?, _ probing: Probing) {
        guard let result else { return probing.tracker.skip(at: machine.instant) }
        guard let news = probing.tracker.take(result, at: machine.instant) else { return }
        probing.told = news
        if news.state == .unhealthy {
            world.check(
                probing.runner.isSick(world.now), .untrueReason,
                "\(probing.runner.launch.taskName) is called unhealthy, and is well")
            expectEnd(of: probing.runner)
        }
        tell(news, probing)
    }

    private func tell(_ news: HealthTracker.News, _ probing: Probing) {
        let place = probing.order.place
        report(.attempt(.health(news.state, reason: news.reason), place.attempt, place.task))
    }

    /// What does not do its work is ended before long, unless something is in the way.
    private func expectEnd(of runner: VirtualMachine.Runner) {
        guard let session else { return }
        let wait = runner.launch.spec.stopGrace.duration.inMicroseconds + 150 * Span.second
        world.after(wait) { [self] in
            guard runner.isLive, works, self.session === session, session.isOpen == [true, true],
                session.manager.works, machine.isQuiet, world.now > world.troubleUntil
            else { return }
            world.report(.runsOn, "\(runner.launch.taskName), which probes have found unhealthy")
        }
    }
}

extension HealthCheck {
    /// Over the network or by a command, patient or not.
    static func draw(_ random: inout SplitMix64) -> HealthCheck {
        let isCommand = random.chance(0.5)
        return HealthCheck(
            tcp: isCommand ? nil : .init(port: 80), exec: isCommand ? .init(command: ["check"]) : nil,
            startPeriod: Seconds(random.pick([0, 10])), interval: Seconds(random.pick([1, 10])),
            retries: random.pick([1, 3]))
    }
}
