import ClusterModel
import Concurrency
import Core
import Managers
import Simulation
import TaskRuntimes

/// What must hold once the faults have stopped and the platform had time to settle.
struct FinalChecks {
    let world: World
    let ledger: Ledger
    let findings: Findings

    /// Nothing is under way that should be over.
    func checkSettled(_ manager: Manager) {
        for record in manager.list(project: "default", limit: .max) {
            let name = "\(record.name) (\(record.state): \(record.reason))"
            switch record.state {
            case .completed, .failed, .stopped: break
            case .pending: break  // Its reason is checked all the time.
            case .scheduled, .stopping, .suspended:
                let since = record.current?.createdAt.duration(to: world.now) ?? .zero
                findings.check(since < .seconds(60), .stuck, "\(name) for \(since)")
            case .running:
                guard let attempt = record.current.flatMap({ world.attempts[$0.id] }) else {
                    findings.report(.stuck, "\(name) has no attempt")
                    continue
                }
                // A report is under way for a moment.
                let dead = attempt.end.current.map { $0.endedAt.duration(to: world.now) } ?? .zero
                findings.check(dead < .seconds(30), .stuck, "\(name) ended \(dead) ago")
                if let timeout = record.spec.timeout {
                    let overdue = attempt.startedAt.advanced(by: timeout.duration).duration(to: world.now)
                    findings.check(overdue < .seconds(30), .stuck, "\(name) timed out \(overdue) ago")
                }
            }
        }
        checkOrphans()
    }

    /// Nothing lives that is not the present attempt of a task that runs.
    private func checkOrphans() {
        for attempt in world.live {
            let record = world.disk.rows[attempt.launch.task]?.record
            findings.check(
                record?.current?.id == attempt.id && record?.state.isFinal == false, .runsOn,
                "\(attempt.id) of \(attempt.launch.taskName), task \(record?.state.rawValue ?? "unknown")")
        }
    }

    /// After everything was asked to stop, all is over.
    func checkStopped(_ manager: Manager) {
        for record in manager.list(project: "default", limit: .max) {
            findings.check(
                record.state.isFinal, .stuck, "\(record.name) is \(record.state): \(record.reason)")
            findings.check(record.finishedAt != nil, .memoryDiffers, "\(record.name) finished at no time")
            let stored = world.disk.rows[record.id]?.record
            findings.check(
                stored?.state == record.state && stored?.revision == record.revision, .memoryDiffers,
                "\(record.name) is \(record.state) and stored as \(String(describing: stored?.state))")
        }
        findings.check(world.live.isEmpty, .runsOn, "\(world.live.map(\.launch.taskName))")
        for node in manager.nodes() {
            findings.check(
                node.allocated == Capacity(), .wrongAllocation,
                "\(node.name) still has \(node.allocated) taken")
        }
        checkLedger(manager)
    }

    private func checkLedger(_ manager: Manager) {
        let stored = Dictionary(
            grouping: world.disk.rows.values, by: { $0.record.spec.labels[Story.label] ?? "" })
        for (key, entry) in ledger.entries.sorted(by: { $0.key < $1.key }) {
            let rows = stored[key] ?? []
            findings.check(rows.count <= 1, .keyTwice, "\(key) has \(rows.count) tasks")
            switch entry.outcome {
            case .open: findings.report(.unanswered, "\(key) got no answer")
            case .refused:
                findings.check(
                    rows.isEmpty, .ghost, "\(key) was refused, and \(rows.map(\.record.name)) is stored")
            case .acknowledged(let id):
                if entry.removalAcknowledged {
                    findings.check(rows.isEmpty, .leftBehind, "\(key) was removed and is stored")
                } else if !entry.removalAsked, !world.mayExpire {
                    findings.check(rows.first?.record.id == id, .taskLost, "\(key) (\(id)) is not stored")
                }
            }
            // What was seen and then lost with a crash, before it was stored, was never promised.
            if let seen = entry.seen, let row = rows.first?.record, world.disk.finals[row.id] == seen.revision
            {
                findings.check(
                    seen.state == row.state && seen.current?.exitCode == row.current?.exitCode,
                    .watcherMisled,
                    "\(key) was seen as \(seen.state) with \(String(describing: seen.current?.exitCode)), and is "
                        + "\(row.state) with \(String(describing: row.current?.exitCode))")
            }
        }
    }

    /// After everything was removed, nothing is left of it.
    func checkRemoved() {
        findings.check(world.disk.rows.isEmpty, .leftBehind, "\(world.disk.rows.count) tasks are stored")
        let left = world.attempts.values.filter { $0.isKnown }.sorted { $0.id < $1.id }
        findings.check(
            left.isEmpty, .leftBehind, "engines still know \(left.map { "\($0.launch.taskName) \($0.id)" })")
    }
}
