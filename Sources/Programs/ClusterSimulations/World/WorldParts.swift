import ClusterModel
import Core
import Simulation
import TaskDecisions

// Managers that come and go, and who is spoken to.
extension World {
    func startManager(seat: Int) { managers.append(VirtualManager(self, seat: seat)) }

    func restartManager() {
        after(random.number(100_000...8 * Span.second)) { [self] in
            if leader == nil { startManager(seat: random.next(below: 2)) }
        }
    }

    func crashLeader() {
        guard let manager = leader else { return }
        note("manager \(manager.epoch) crashes")
        manager.end()
        restartManager()
    }

    func pause(_ manager: VirtualManager) {
        note("manager \(manager.epoch) is paused")
        manager.pause()
        for machine in machines {
            for session in machine.sessions where session.manager === manager { session.watch(.down) }
        }
    }

    func resume(_ manager: VirtualManager) {
        guard manager.isPaused else { return }
        note("manager \(manager.epoch) goes on")
        trouble(for: 20 * Span.second)
        for machine in machines {
            for session in machine.sessions where session.manager === manager { session.hear(.down) }
        }
        manager.resume()
    }

    /// Whom a client or worker speaks to: mostly who leads, and sometimes who did.
    func choose() -> VirtualManager? {
        guard managers.count(where: \.isAlive) > 1, random.chance(0.2) else { return leader }
        return random.pick(managers.filter(\.isAlive))
    }

    /// Takes a node back into service, again and again until somebody has heard it.
    func open(_ machine: VirtualMachine) {
        if let manager = leader, manager.works, let node = manager.core.nodes[machine.id],
            manager.core.orders(of: node.id).service == .open
        {
            return
        }
        leader?.order(machine.id, .open)
        after(5 * Span.second) { [self] in open(machine) }
    }

    /// What the leader does may be late until a while from now.
    func trouble(for wait: Int64) { troubleUntil = max(troubleUntil, now + wait) }
}
