import ClusterModel
import Core
import Glibc
import TaskRuntimes

/// A program that makes an attempt's first process, and those who wait for that.
final class PendingHandover {
    let order: LaunchOrder
    let handover: Handover
    let process: ProcessStamp
    let pipeInodes: [UInt64]
    /// What the program and the attempt write into; empty once it was given on.
    private var pipes: [Descriptor]
    let startedAt: Timestamp
    /// What ended before is not what it hands over, whatever its number.
    let begun: MonotonicInstant
    /// Who asked for the attempt.
    var askers: [(client: UInt64, request: UInt32)]
    /// What is asked of the attempt meanwhile.
    var postponed: [(request: LauncherRequest, number: UInt32, client: UInt64)] = []

    init(
        order: LaunchOrder, handover: Handover, program: AttemptStarter.Started, startedAt: Timestamp,
        begun: MonotonicInstant, asker: (client: UInt64, request: UInt32)
    ) {
        self.order = order
        self.handover = handover
        process = program.process
        pipeInodes = program.pipeInodes
        pipes = program.pipes
        self.startedAt = startedAt
        self.begun = begun
        askers = [asker]
    }

    /// Gives the pipes away. A deadline keeps this for a while yet, and an open pipe that nobody reads any more would wake the
    /// loop again and again: its end is told even to who does not ask for it (epoll_ctl(2), EPOLLHUP).
    func takePipes() -> [Descriptor] {
        defer { pipes = [] }
        return pipes
    }

    var listed: ListedAttempt {
        ListedAttempt(attempt: order.attempt, startedAt: startedAt, metadata: order.metadata, exit: nil)
    }
}

/// Attempts whose first process a program makes and hands over.
extension Launcher {
    /// How long such a program may take.
    static var mostStarting: Duration { .seconds(60) }

    /// Starts the program; whoever asks is answered when it has ended.
    func begin(_ order: LaunchOrder, _ number: UInt32, _ client: LauncherClient) {
        if let known = attempts[order.attempt] { return client.answer(.started(known.start), to: number) }
        if let pending = handovers.values.first(where: { $0.order.attempt == order.attempt }) {
            return pending.askers.append((client.id, number))
        }
        if let full = exhaustion { return client.answer(.exhausted(full), to: number) }
        guard let handover = order.handover else { return client.answer(start(order), to: number) }
        let (startedAt, begun) = (today, now)
        let program: AttemptStarter.Started
        do throws(StartFailure) {
            program = try starter.startProgram(order)
        } catch {
            return client.answer(.startFailed(error), to: number)
        }
        let pending = PendingHandover(
            order: order, handover: handover, program: program, startedAt: startedAt, begun: begun,
            asker: (client.id, number))
        handovers[program.process.pid] = pending
        unended += 1
        deadlines.add(.giveUp(pending), at: now.advanced(by: Self.mostStarting))
    }

    /// Keeps what is asked about an attempt until it is known whether it runs.
    func postpone(_ request: LauncherRequest, _ number: UInt32, _ client: LauncherClient) -> Bool {
        guard !handovers.isEmpty, let attempt = request.attempt,
            let pending = handovers.values.first(where: { $0.order.attempt == attempt })
        else { return false }
        pending.postponed.append((request, number, client.id))
        return true
    }

    func forgetPostponed(_ number: UInt32, of client: LauncherClient) {
        for pending in handovers.values {
            pending.postponed.removeAll { $0.client == client.id && $0.number == number }
        }
    }

    func giveUp(_ pending: PendingHandover) {
        let pid = pending.process.pid
        guard handovers[pid] === pending else { return }
        note("the program that starts \(pending.order.attempt) takes too long and is killed")
        kill(-pid, SIGKILL)
    }

    /// The program has ended: what it made is ours, or there is nothing.
    func programEnded(_ pending: PendingHandover, _ status: Int32) {
        unended -= 1
        let pipes = pending.takePipes()
        let ends = orphanEnds.filter { $0.value.at >= pending.begun }.mapValues(\.status)
        // What ended before any that is left began is none of theirs.
        let oldest = handovers.values.map(\.begun).min()
        orphanEnds = orphanEnds.filter { end in oldest.map { end.value.at >= $0 } ?? false }
        let signal = status & 0x7f
        let code = signal == 0 ? (status >> 8) & 0xff : 128 + signal
        if code == 0 {
            take(pending, pipes, ends)
        } else {
            fail(pending, StartFailure(step: StartFailure.program, errno: code, index: 0))
        }
        for (request, number, client) in pending.postponed {
            if let client = clients[client] { serve(request, number, client) }
        }
    }

    private func take(_ pending: PendingHandover, _ pipes: [Descriptor], _ ends: [Int32: Int32]) {
        let pid = ControlFile.read(pending.handover.pidFile).flatMap { Int32($0) } ?? 0
        let ticks = pid > 1 ? ProcessTable.start(of: pid)?.ticks : nil
        guard pid > 1, ticks != nil || ends[pid] != nil else {
            return fail(pending, StartFailure(step: StartFailure.handover, errno: 0, index: 0))
        }
        let order = pending.order
        let record = StartRecord(
            process: ProcessStamp(pid: pid, startTicks: ticks ?? 0), startedAt: pending.startedAt,
            warnings: pending.handover.warnings, metadata: order.metadata, limits: order.limits,
            cgroup: starter.plan.everywhere.made(for: order.attempt.text),
            pipes: pending.pipeInodes, logLimit: order.logLimit)
        let attempt = launched(order.attempt, record, phase: .running)
        attempt.isHanded = true
        watchOutputs(of: attempt, zip([.stdout, .stderr], pipes))
        journal.append(Journal.started(order.attempt, record))
        answer(pending, .started(record))
        if let status = ends[pid] { mainEnded(attempt, status) } else { children[pid] = attempt }
    }

    /// Nothing of it is left: what a program that broke off made is in the attempt's cgroups.
    private func fail(_ pending: PendingHandover, _ failure: StartFailure) {
        removeCgroups(of: pending.order.attempt)
        answer(pending, .startFailed(failure))
    }

    private func answer(_ pending: PendingHandover, _ reply: LauncherReply) {
        for asker in pending.askers { clients[asker.client]?.answer(reply, to: asker.request) }
    }
}
