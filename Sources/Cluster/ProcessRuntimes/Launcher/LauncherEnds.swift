import CApollo
import ClusterModel
import Core
import Glibc
import TaskRuntimes

/// How attempts end: the first process decides, and whatever else it left is killed before the end is told.
extension Launcher {
    /// How long the end waits for what cannot be killed at once, such as a process inside a system call that hangs.
    private static var mostEnding: Duration { .seconds(2) }
    /// How long a busy cgroup is tried.
    private static var mostTidying: Duration { .seconds(30) }

    func reapChildren() {
        var orphansEnded = false
        while true {
            let pid = capollo_peek_ended_child()
            guard pid > 0 else { break }
            let attempt = children[pid]
            // Before it is reaped, so that its number, and the group's, cannot be another's yet.
            if let attempt, attempt.start.cgroup.containment == nil { kill(-pid, SIGKILL) }
            var status: Int32 = 0
            var cpu: UInt64 = 0
            guard capollo_reap(pid, &status, &cpu) == pid else { break }
            if let attempt {
                children[pid] = nil
                mainEnded(attempt, status)
            } else if let handover = handovers.removeValue(forKey: pid) {
                programEnded(handover, status)
            } else {
                orphansEnded = true
                if !handovers.isEmpty { orphanEnds[pid] = (status, now) }
            }
        }
        if orphansEnded { for attempt in ending { settle(attempt) } }
    }

    func adoptedEnded(_ attempt: LaunchedAttempt) {
        if let adopted = attempt.adopted { sources[adopted.number] = nil }
        attempt.adopted = nil
        let reason =
            "ended while adopted: its exit code is unknown, because the launcher that had started it was killed"
        begin(ending: attempt, AttemptExit(code: nil, endedAt: today, reason: reason))
    }

    func mainEnded(_ attempt: LaunchedAttempt, _ status: Int32) {
        begin(ending: attempt, Self.exit(status, attempt, at: today))
    }

    /// What a wait status means; see wait(2).
    private static func exit(_ status: Int32, _ attempt: LaunchedAttempt, at time: Timestamp) -> AttemptExit {
        let signal = status & 0x7f
        let code = signal == 0 ? (status >> 8) & 0xff : 128 + signal
        if code != 0, let limit = attempt.start.limits.memory, attempt.start.cgroup.memoryKills > 0 {
            let reason = "out of memory (limit \(ByteCount(limit)))"
            return AttemptExit(code: code, endedAt: time, outOfMemory: true, reason: reason)
        }
        let reason = signal == 0 ? "exit code \(code)" : "killed by \(SignalName.of(signal))"
        return AttemptExit(code: code, endedAt: time, reason: reason)
    }

    func begin(ending attempt: LaunchedAttempt, _ exit: AttemptExit) {
        attempt.phase = .ending(exit, until: now.advanced(by: Self.mostEnding))
        ending.append(attempt)
        settle(attempt)
    }

    /// Ends the attempt when nothing is left of it; else kills that and looks again a little later.
    func settle(_ attempt: LaunchedAttempt) {
        guard case .ending(let exit, let until) = attempt.phase else { return }
        guard killRest(of: attempt) else { return end(attempt, exit) }
        guard now < until else {
            note("\(attempt.id) ended, but not all of it: \(attempt.start.cgroup.members)")
            return end(attempt, exit)
        }
        deadlines.add(.look(attempt), at: now.advanced(by: attempt.nextLook))
        attempt.nextLook = min(attempt.nextLook * 2, .milliseconds(50))
    }

    /// Kills what is left of it; false when there was nothing.
    private func killRest(of attempt: LaunchedAttempt) -> Bool {
        let cgroup = attempt.start.cgroup
        if cgroup.containment != nil {
            // An empty cgroup goes; a busy one tells that there is something to kill. One call in the usual case.
            if cgroup.removeContainment() { return false }
            cgroup.kill()
            return true
        }
        // Without a cgroup: as the nearest subreaper we have become the parent of what it left (prctl(2)).
        let mark = "APOLLO_ATTEMPT=\(attempt.id.text)"
        var found = false
        let orphans = attempt.isInherited ? ProcessTable.all : ProcessTable.children(of: getpid())
        for pid in orphans where children[pid] == nil {
            if ProcessTable.environment(of: pid, contains: mark) {
                kill(pid, SIGKILL)
                found = true
            }
        }
        return found
    }

    private func end(_ attempt: LaunchedAttempt, _ exit: AttemptExit) {
        ending.removeAll { $0 === attempt }
        drainOutputs(of: attempt)
        attempt.phase = .ended(exit)
        attempt.killAt = nil
        unended -= 1
        journal.append(Journal.ended(attempt.id, exit))
        // Once for all ends that come close together.
        if journal.isSynced { deadlines.add(.syncJournal, at: now.advanced(by: .milliseconds(25))) }
        announceEnd(of: attempt, exit)
        announceOutput(of: attempt)
        if !attempt.start.cgroup.remove() { tidyLater(attempt.start.cgroup) }
        if attempt.isHanded || attempt.isInherited { removeCgroups(of: attempt.id) }
    }

    /// Removes what another program made for an attempt, in every hierarchy, and kills what is still in it.
    func removeCgroups(of attempt: AttemptID) {
        for cgroup in starter.plan.everywhere.all(of: attempt.text) where !cgroup.remove() {
            cgroup.kill()
            tidyLater(cgroup)
        }
    }

    func tidyLater(_ cgroup: AttemptCgroup) {
        if leftovers.isEmpty { deadlines.add(.tidy, at: now.advanced(by: .milliseconds(10))) }
        leftovers.append((cgroup, now.advanced(by: Self.mostTidying)))
    }

    /// Tries again to remove cgroups that were busy.
    func tidy() {
        leftovers.removeAll { leftover in
            if leftover.cgroup.remove() { return true }
            leftover.cgroup.kill()
            guard now >= leftover.until else { return false }
            note("a cgroup stays busy and is left: \(leftover.cgroup.directories)")
            return true
        }
        if !leftovers.isEmpty { deadlines.add(.tidy, at: now.advanced(by: .milliseconds(50))) }
    }
}
