import ClusterModel
import Core
import Simulation
import TaskDecisions

/// Whether what a pending task gives as its reason is so.
struct ReasonChecks {
    let world: World
    let findings: Findings
    /// How far the platform's civil time may have jumped.
    let clockError: Duration

    /// How often a worker looks at its runtimes, with the time that takes.
    private static let probe = Duration.seconds(30)

    func check(_ record: TaskRecord, _ nodes: [Node], joinedFor: Duration) {
        let name = record.name
        findings.check(!record.reason.isEmpty, .untrueReason, "\(name) is \(record.state) without a reason")
        guard record.state == .pending else { return }
        if let due = record.notBefore {
            let late = due.duration(to: world.now)
            findings.check(
                late < clockError + slowness, .untrueReason,
                "\(name) says '\(record.reason)', due \(late) ago")
            return
        }
        guard !nodes.isEmpty else {
            return findings.check(
                record.reason == "waiting for a node to join", .untrueReason,
                "\(name) says '\(record.reason)' without a node")
        }
        for node in nodes {
            let room = hasRoom(node, record.spec)
            findings.check(
                !room, .untrueReason,
                "\(name) says '\(record.reason)', and \(node.name) has room: \(node.allocated)")
        }
        checkAvailability(record, joinedFor)
    }

    /// How late the platform may be: what is stored first cannot be quicker than the disk.
    private var slowness: Duration {
        let disk = world.disk
        let isWell = disk.isWell && world.simulator.now - disk.wellSince > .seconds(6)
        return isWell ? .milliseconds(100) : .seconds(12)
    }

    private func hasRoom(_ node: Node, _ spec: TaskSpec) -> Bool {
        guard node.runtimes.contains(where: { $0.kind == spec.runtime && $0.isAvailable }) else {
            return false
        }
        var after = node.allocated
        after.add(spec.resources)
        return after.fits(in: node.capacity)
    }

    /// Who says that an engine does not answer has to have looked lately.
    private func checkAvailability(_ record: TaskRecord, _ joinedFor: Duration) {
        let kind = record.spec.runtime
        guard record.reason.contains("cannot run \(kind.tasks)") else { return }
        let engines = world.engines.filter { $0.kind == kind }
        let answers = engines.allSatisfy {
            $0.answers && world.simulator.now - $0.answersSince > Self.probe && joinedFor > Self.probe
        }
        findings.check(
            !answers, .untrueReason, "\(record.name) says '\(record.reason)'; the engine answers")
    }
}
