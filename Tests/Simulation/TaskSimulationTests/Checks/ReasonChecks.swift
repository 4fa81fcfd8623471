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
            let room = hasRoom(node, record)
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

    /// What is kept for others is no room; what is kept for itself on this node is.
    private func hasRoom(_ node: Node, _ record: TaskRecord) -> Bool {
        guard canRun(record.spec, node) else { return false }
        var after = node.allocated
        if let reserved = node.reserved { after.add(reserved) }
        if !isCleared(node, for: record) { after.add(record.spec.resources) }
        return after.fits(in: node.capacity)
    }

    private func canRun(_ spec: TaskSpec, _ node: Node) -> Bool {
        node.state == .ready
            && node.runtimes.contains { $0.kind == spec.runtime && $0.isAvailable }
    }

    private func isCleared(_ node: Node, for record: TaskRecord) -> Bool {
        record.reason.contains("of lower priority on node \(node.name),")
    }

    /// Nobody waits where tasks of a lower priority could make room, unless they are doing so.
    func checkPreemption(_ record: TaskRecord, among records: [TaskRecord], _ nodes: [Node]) {
        guard record.state == .pending, record.notBefore == nil,
            !nodes.contains(where: { isCleared($0, for: record) }),
            record.createdAt.duration(to: world.now) > clockError + slowness
        else { return }
        for node in nodes where canRun(record.spec, node) {
            var others = Capacity()
            for other in records where other.current?.node == node.id && other.current?.state != .ended {
                if other.spec.priority >= record.spec.priority { others.add(other.spec.resources) }
            }
            for other in records where isCleared(node, for: other) {
                if other.spec.priority >= record.spec.priority { others.add(other.spec.resources) }
            }
            others.add(record.spec.resources)
            findings.check(
                !others.fits(in: node.capacity), .untrueReason,
                "\(record.name) of priority \(record.spec.priority) says '\(record.reason)', and what is less important on "
                    + "\(node.name) could make room")
        }
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
