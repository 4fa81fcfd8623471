import ClusterModel
import Core
import Simulation

/// Everything of one simulation: the time, what is to happen, and all the parts. On one thread, in one queue; nothing in it waits.
final class World {
    let bug: PlantedBug?
    /// Whether tasks ask for ports and disk, too: one seed of ten. Those before that are the runs that they were.
    let hasPorts: Bool
    private(set) var now: Int64 = 0
    private(set) var events = 0
    private var queue = EventQueue()
    var random: SplitMix64
    let identifiers = Identifiers()
    private(set) var violation: SimulationViolation?
    private var trace: Trace?
    private var isTrial = false
    private var trialFails = false

    let settings: ClusterSettings
    let store: VirtualStore
    private(set) var machines: [VirtualMachine] = []
    /// Managers that live; the last is the one that leads.
    var managers: [VirtualManager] = []
    /// The clocks of the two machines that managers are on.
    var seats: [Clocks]
    let ledger = Ledger()
    /// Copies of each task that live.
    var copies: [TaskID: Int] = [:]
    var crashes = CrashPoints()
    var counts = SimulationReport.Counts()
    /// Whether everything is to go well from now on.
    var isHealed = false
    /// Since when nothing has been amiss with what the leading manager needs.
    var troubleUntil: Int64 = 0

    init(seed: UInt64, bug: PlantedBug?, traces: Bool) {
        var random = SplitMix64(seed: seed ^ 0x6170_6f6c_6c6f)
        self.bug = bug
        hasPorts = seed % 10 == 4
        trace = traces ? Trace() : nil
        settings = ClusterSettings.draw(&random)
        seats = [Clocks.draw(&random), Clocks.draw(&random)]
        store = VirtualStore()
        self.random = random
        store.world = self
        for number in 1...settings.machines {
            machines.append(VirtualMachine(self, number: number, clocks: Clocks.draw(&self.random)))
        }
    }

    /// - Parameter host: whose doing it is: it is done when that can, and not at all once that is dead.
    func after(_ wait: Int64, by host: Host? = nil, _ action: @escaping () -> Void) {
        queue.insert(at: now + max(0, wait), EventQueue.Event(host: host, action: action))
    }

    /// Lets things happen until `end`, or until a rule is broken.
    func run(until end: Int64) {
        while violation == nil, let (at, event) = queue.popFirst(until: end) {
            now = at
            events += 1
            if let host = event.host, !host.works { host.perform(event.action) } else { event.action() }
        }
        if violation == nil { now = end }
    }

    /// Is done with: parts that know each other let go, for nobody needs them any more.
    func end() {
        for manager in managers { manager.letGo() }
        for machine in machines { machine.letGo() }
        queue = EventQueue()
    }

    func machine(_ id: NodeID) -> VirtualMachine { machines[identifiers.number(of: id)] }

    var leader: VirtualManager? { managers.last { $0.isAlive } }

    // MARK: Telling

    func note(_ text: @autoclosure () -> String) {
        if trace != nil { trace!.append(now, text()) }
    }

    var traceLines: [String] { trace?.lines ?? [] }

    func check(_ holds: Bool, _ rule: SimulationViolation.Rule, _ detail: @autoclosure () -> String) {
        if !holds { report(rule, isTrial ? "" : detail()) }
    }

    /// Whether `checks` find nothing amiss; what they find does not count yet.
    func passes(_ checks: () -> Void) -> Bool {
        (isTrial, trialFails) = (true, false)
        checks()
        isTrial = false
        return !trialFails
    }

    func report(_ rule: SimulationViolation.Rule, _ detail: String) {
        guard violation == nil else { return }
        guard !isTrial else {
            trialFails = true
            return
        }
        note("VIOLATION \(rule.rawValue): \(detail)")
        violation = SimulationViolation(rule: rule, detail: detail, time: .microseconds(now))
    }
}

/// The last of what happened, in words.
struct Trace {
    private static let limit = 5000
    private(set) var lines: [String] = []

    mutating func append(_ now: Int64, _ text: String) {
        if lines.count >= 2 * Self.limit { lines.removeFirst(Self.limit) }
        let millis = String(now / 1000 % 1000)
        let padded = String(repeating: "0", count: 3 - millis.count) + millis
        lines.append("\(now / Span.second).\(padded)s \(text)")
    }
}

/// Numbers for identifiers: in the order they are made, so that runs repeat.
final class Identifiers: @unchecked Sendable {
    // Confined to the simulation's thread.
    private var last: UInt64 = 0
    private var nodes: [NodeID: Int] = [:]

    func make<Kind>(_ kind: Kind.Type = Kind.self) -> Identifier<Kind> {
        last += 1
        return Identifier(time: Timestamp(microseconds: 0), random: last)
    }

    func node(_ number: Int) -> NodeID {
        let id = NodeID(time: Timestamp(microseconds: 1000), random: UInt64(number))
        nodes[id] = number - 1
        return id
    }

    func number(of node: NodeID) -> Int { nodes[node]! }
}
