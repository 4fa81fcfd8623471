import ClusterModel
import TaskDecisions
import Workers

/// A manager's session with a worker: two ordered streams, and the signs of life by which each end notices that the other is gone.
final class Session {
    unowned(unsafe) let world: World
    let manager: VirtualManager
    let machine: VirtualMachine
    let process: WorkerProcess
    let holding: Holding
    /// Whether each end, the manager's and the worker's, is open.
    private(set) var isOpen = [true, true]
    private var lastArrival: [Int64] = [0, 0]
    /// What arrived at the edge of a cut, in order.
    private var blocked: [[() -> Void]] = [[], []]
    private var silences = [0, 0]
    var isJoined = false
    /// Reports that came before the node was joined.
    var held: [NodeReport] = []

    init(_ manager: VirtualManager, _ machine: VirtualMachine, _ process: WorkerProcess, _ holding: Holding) {
        world = manager.world
        self.manager = manager
        self.machine = machine
        self.process = process
        self.holding = holding
    }

    private func sender(_ direction: Link.Direction) -> Host { direction == .up ? process : manager }
    private func receiver(_ direction: Link.Direction) -> Host { direction == .up ? manager : process }
    /// Which end receives.
    private func end(_ direction: Link.Direction) -> Int { direction == .up ? 0 : 1 }

    func send(_ direction: Link.Direction, _ action: @escaping () -> Void) {
        let index = direction.rawValue
        lastArrival[index] = max(lastArrival[index], world.now + machine.link.delay(&world.random))
        world.after(lastArrival[index] - world.now) { [self] in arrive(direction, action) }
    }

    private func arrive(_ direction: Link.Direction, _ action: @escaping () -> Void) {
        guard machine.isUp else { return }
        if machine.link.carries(direction), blocked[direction.rawValue].isEmpty {
            deliver(direction, action)
        } else {
            blocked[direction.rawValue].append(action)
        }
    }

    private func deliver(_ direction: Link.Direction, _ action: @escaping () -> Void) {
        let (host, end) = (receiver(direction), end(direction))
        guard !host.works else {
            if isOpen[end] { action() }
            return
        }
        host.perform { [self] in if isOpen[end] { action() } }
    }

    /// The way is free again: what waited arrives now.
    func flush(_ direction: Link.Direction) {
        let actions = blocked[direction.rawValue]
        blocked[direction.rawValue] = []
        for action in actions { deliver(direction, action) }
    }

    /// Nobody needs it any more: what waits knows of it in turn.
    func letGo() { blocked = [[], []] }

    /// One end is over; the other hears of it when it can.
    func close(_ direction: Link.Direction, _ reason: String) {
        guard isOpen[end(direction)] else { return }
        isOpen[end(direction)] = false
        let back: Link.Direction = direction == .up ? .down : .up
        send(back) { [self] in receiverEnds(back, "the other end has closed") }
        if direction == .up { manager.ended(self, reason) } else { process.ended(self) }
    }

    private func receiverEnds(_ direction: Link.Direction, _ reason: String) { close(direction, reason) }

    /// Something may keep signs of life from arriving: looks again after as many as may be missing.
    func watch(_ direction: Link.Direction) {
        silences[direction.rawValue] += 1
        let number = silences[direction.rawValue]
        let beat = world.settings.heartbeat
        world.after(3 * beat + world.random.number(0...beat)) { [self] in
            guard isOpen[end(direction)], silences[direction.rawValue] == number, isSilent(direction) else {
                return
            }
            receiver(direction).perform { [self] in close(direction, "no sign of life") }
        }
    }

    private func isSilent(_ direction: Link.Direction) -> Bool {
        !machine.link.carries(direction) || !sender(direction).works || !machine.isUp
    }

    /// The silence is over.
    func hear(_ direction: Link.Direction) { silences[direction.rawValue] += 1 }
}
