import ClusterModel
import Concurrency
import Managers
import Simulation
import TaskDecisions
import TaskRuntimes

/// Holds every commit against what was stored before, and against what really is.
struct DiskChecks {
    let world: World
    let ledger: Ledger
    let findings: Findings

    func inspect(_ disk: SimulatedDisk, _ batch: [StoredChange]) {
        let deleted = Set(
            batch.compactMap { if case .delete(let id, _) = $0.change { id } else { nil } })
        for stored in batch {
            switch stored.change {
            case .put(let record):
                checkPut(record, over: disk.rows[record.id]?.record)
                checkKey(record, stored, disk, deleted)
            case .delete(let id, _):
                if let record = disk.rows[id]?.record { checkDelete(record) }
            }
        }
        checkNames(disk, batch)
    }

    private func checkPut(_ record: TaskRecord, over old: TaskRecord?) {
        if let old, old.state.isFinal {
            findings.check(
                old.state == record.state && old.current?.exitCode == record.current?.exitCode, .finalChanged,
                "\(record.name) was \(old.state) and is stored as \(record.state)")
        }
        if let old {
            findings.check(
                old.revision < record.revision, .memoryDiffers,
                "\(record.name) is stored at revision \(record.revision) over \(old.revision)")
        }
        for attempt in record.attempts where attempt.state == .ended {
            checkEnd(attempt, of: record)
        }
    }

    private func checkEnd(_ attempt: Attempt, of record: TaskRecord) {
        let truth = world.attempts[attempt.id]
        let name = "attempt \(attempt.number) of \(record.name)"
        if let code = attempt.exitCode {
            findings.check(
                truth?.end.current?.code == code, .wrongEnd,
                "\(name) is stored with code \(code), and ended with \(String(describing: truth?.end.current))"
            )
        } else if attempt.outcome == .lost {
            // What no engine knows is lost; that it was never started may be so as well.
            findings.check(
                truth?.isKnown != true, .wrongEnd,
                "\(name) is stored as lost (\(attempt.reason ?? "")); its engine knows it")
        }
        if attempt.outcome == .completed {
            findings.check(attempt.exitCode == 0, .wrongEnd, "\(name) completed with \(attempt)")
        }
    }

    private func checkKey(
        _ record: TaskRecord, _ stored: StoredChange, _ disk: SimulatedDisk, _ deleted: Set<TaskID>
    ) {
        let key = record.spec.labels[Story.label]
        if disk.rows[record.id] == nil {
            findings.check(
                stored.idempotencyKey == key, .ghost,
                "\(record.name) is stored first without its key \(key ?? "")")
        }
        let others = disk.rows.values.filter {
            $0.record.id != record.id && $0.record.spec.labels[Story.label] == key
                && !deleted.contains($0.record.id)
        }
        findings.check(
            others.isEmpty, .keyTwice, "\(key ?? "") has \(record.name) and \(others.map(\.record.name))")
    }

    private func checkNames(_ disk: SimulatedDisk, _ batch: [StoredChange]) {
        var names = disk.rows.mapValues { "\($0.record.project)/\($0.record.name)" }
        for stored in batch {
            switch stored.change {
            case .put(let record): names[record.id] = "\(record.project)/\(record.name)"
            case .delete(let id, _): names[id] = nil
            }
        }
        findings.check(
            Set(names.values).count == names.count, .nameTwice, "\(names.values.sorted())")
    }

    private func checkDelete(_ record: TaskRecord) {
        let key = record.spec.labels[Story.label] ?? ""
        findings.check(
            // It may be stored as running: of several states of one batch only the last is written.
            world.mayExpire || ledger[key].removalAsked, .taskLost,
            "\(key) (\(record.name), \(record.state)) is deleted and nobody asked")
    }
}
