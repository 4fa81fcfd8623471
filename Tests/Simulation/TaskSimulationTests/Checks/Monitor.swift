import ClusterModel
import Core
import Managers
import Simulation

/// Looks at the running platform, again and again, as its users could.
final class Monitor: @unchecked Sendable {
    // Confined to the simulator's thread, as all of a simulation is.
    private let world: World
    private let ledger: Ledger
    private let findings: Findings
    private let platform: SimulatedPlatform
    private var joinedLife = 0
    private var joinedAt: Duration = .zero
    private var finals: [TaskID: TaskState] = [:]
    /// Since when attempts have been seen stopping, in this life.
    private var stopping: [AttemptID: Duration] = [:]
    /// The steps of the platform's civil time, added up.
    var clockError: Duration = .zero

    init(_ platform: SimulatedPlatform, _ world: World, _ ledger: Ledger, _ findings: Findings) {
        self.platform = platform
        self.world = world
        self.ledger = ledger
        self.findings = findings
    }

    func look() {
        guard let life = platform.life, let manager = life.manager, life.isJoined, platform.isPrompt else {
            return
        }
        let now = world.simulator.now
        if joinedLife != life.number {
            (joinedLife, joinedAt, finals, stopping) = (life.number, now, [:], [:])
        }
        let records = manager.list(project: "default", limit: .max)
        let nodes = manager.nodes()
        checkOwed(records)
        checkFinals(records)
        checkStops(records, now)
        checkAllocations(records, nodes)
        let reasons = ReasonChecks(world: world, findings: findings, clockError: clockError)
        for record in records {
            reasons.check(record, nodes, joinedFor: now - joinedAt)
            reasons.checkPreemption(record, among: records, nodes)
        }
    }

    private func checkOwed(_ records: [TaskRecord]) {
        guard !world.mayExpire else { return }
        let there = Set(records.map(\.id))
        for (key, entry) in ledger.entries {
            guard !entry.removalAsked, let id = entry.id else { continue }
            findings.check(there.contains(id), .taskLost, "\(key) (\(id)) is not listed")
        }
    }

    private func checkFinals(_ records: [TaskRecord]) {
        for record in records {
            if let state = finals[record.id] {
                findings.check(
                    state == record.state, .finalChanged, "\(record.name) was \(state) and is \(record.state)"
                )
            }
            if record.state.isFinal { finals[record.id] = record.state }
        }
    }

    /// Whoever asked for an end gets it within the grace and what the engine takes, also where a start hangs.
    private func checkStops(_ records: [TaskRecord], _ now: Duration) {
        let troubles =
            world.engines.map { $0.answers ? $0.answersSince : now } + [
                world.disk.isWell ? world.disk.wellSince : now
            ]
        for record in records where record.state == .stopping {
            guard let attempt = record.current?.id else { continue }
            let since = stopping[attempt] ?? now
            stopping[attempt] = since
            let waited = now - max(since, troubles.max()!)
            findings.check(waited < .seconds(20), .stuck, "\(record.name) is stopping for \(waited)")
        }
    }

    private func checkAllocations(_ records: [TaskRecord], _ nodes: [Node]) {
        for node in nodes {
            let attempts = records.filter {
                $0.current.map { $0.node == node.id && $0.state != .ended } ?? false
            }
            let sum = attempts.reduce(into: Capacity()) { $0.add($1.spec.resources) }
            // What is given up and still ends is counted, too; in the end nothing is.
            findings.check(
                sum.fits(in: node.allocated), .wrongAllocation,
                "\(node.name) has \(node.allocated) allocated; its attempts ask for \(sum)")
        }
    }
}
