import CApollo
import ClusterModel
import Core
import Glibc
import TaskRuntimes

/// Starting attempts, reading what they write, stopping and removing them.
extension Launcher {
    func start(_ order: LaunchOrder) -> LauncherReply {
        if let known = attempts[order.attempt] { return .started(known.start) }
        if let full = exhaustion { return .exhausted(full) }
        let startedAt = today
        let started: AttemptStarter.Started
        do throws(StartFailure) {
            started = try starter.start(order)
        } catch {
            return .startFailed(error)
        }
        let record = StartRecord(
            process: started.process, startedAt: startedAt, warnings: started.warnings,
            metadata: order.metadata,
            limits: order.limits, cgroup: started.cgroup, pipes: started.pipeInodes, logLimit: order.logLimit)
        let attempt = launched(order.attempt, record, phase: .running)
        children[started.process.pid] = attempt
        watchOutputs(of: attempt, zip([.stdout, .stderr], started.pipes))
        journal.append(Journal.started(order.attempt, record))
        return .started(record)
    }

    var exhaustion: String? {
        if isShuttingDown { return "the launcher was told to end and takes nothing new" }
        if unended >= options.mostRunning { return "\(options.mostRunning) attempts run already" }
        if attempts.count >= options.mostKnown { return "\(options.mostKnown) attempts are not removed yet" }
        if let failure = journal.failure { return "the launcher cannot write its journal: \(failure)" }
        return nil
    }

    func launched(
        _ id: AttemptID, _ record: StartRecord, phase: LaunchedAttempt.Phase
    ) -> LaunchedAttempt {
        let directory = LauncherOptions.attempt(id.text, in: options.directory)
        let log = LogWriter(directory: directory, limit: record.logLimit, shared: (sharedOutput, id))
        let attempt = LaunchedAttempt(id: id, start: record, log: log, phase: phase)
        attempts[id] = attempt
        if attempt.exit == nil { unended += 1 }
        return attempt
    }

    func watchOutputs(
        of attempt: LaunchedAttempt, _ pipes: some Sequence<(LogFormat.Kind, Descriptor)>
    ) {
        for (kind, pipe) in pipes {
            do throws(SystemError) {
                try watch(pipe, as: .output(attempt))
                attempt.outputs.append(.init(kind: kind, pipe: pipe))
            } catch {
                note("cannot read the output of \(attempt.id): \(error)")
            }
        }
    }

    /// Reads some of what waits in a pipe; the rest has its turn after the others.
    func readOutput(_ attempt: LaunchedAttempt, _ file: Int32) {
        guard let output = attempt.outputs.first(where: { $0.pipe.number == file }) else { return }
        read(output, of: attempt, most: 4 * buffer.count)
        announceOutput(of: attempt)
    }

    /// Reads until the pipe is empty or closed, or `most` bytes are read.
    private func read(_ output: LaunchedAttempt.Output, of attempt: LaunchedAttempt, most: Int) {
        var total = 0
        while total < most {
            let count = retryingInterrupts { Glibc.read(output.pipe.number, &buffer, buffer.count) }
            guard count > 0 else {
                if count == 0 || errno != EAGAIN { close(output, of: attempt) }
                return
            }
            total += count
            buffer.withUnsafeBytes {
                attempt.log.append(output.kind, UnsafeRawBufferPointer(rebasing: $0[..<count]), at: today)
            }
            if count < buffer.count { return }  // level-triggered: what comes now wakes us again
        }
    }

    private func close(_ output: LaunchedAttempt.Output, of attempt: LaunchedAttempt) {
        sources[output.pipe.number] = nil
        attempt.outputs.removeAll { $0.pipe === output.pipe }
    }

    /// Reads what is left in the pipes and closes them, whoever still holds the other ends.
    func drainOutputs(of attempt: LaunchedAttempt) {
        for output in attempt.outputs {
            var rounds = 0
            // A pipe holds at most 1 MiB (fcntl(2), F_SETPIPE_SZ); more is from someone who goes on writing.
            while rounds < 16, attempt.outputs.contains(where: { $0.pipe === output.pipe }),
                hasInput(output.pipe)
            {
                read(output, of: attempt, most: buffer.count)
                rounds += 1
            }
            close(output, of: attempt)
        }
        attempt.log.close()
    }

    private func hasInput(_ pipe: Descriptor) -> Bool {
        var waiting = pollfd(fd: pipe.number, events: Int16(POLLIN), revents: 0)
        return poll(&waiting, 1, 0) > 0 && waiting.revents & Int16(POLLIN) != 0
    }

    /// Asks politely, and has the rest killed after the grace. A second stop may only make it sooner.
    func stop(_ attempt: LaunchedAttempt, grace: Duration) {
        guard attempt.isRunning else { return }
        let deadline = now.advanced(by: min(grace, .seconds(86400 * 365)))
        if grace > .zero { signal(attempt, attempt.start.stopSignal) }
        if let earlier = attempt.killAt, earlier <= deadline { return }
        attempt.killAt = deadline
        if grace > .zero {
            deadlines.add(.kill(attempt), at: deadline)
        } else {
            killAll(attempt)
        }
    }

    func killIfDue(_ attempt: LaunchedAttempt) {
        guard attempt.isRunning, let deadline = attempt.killAt, deadline <= now else { return }
        killAll(attempt)
    }

    /// The first process leads a session, so its group is all that did not leave it. Its number is its own until we
    /// reap it.
    private func signal(_ attempt: LaunchedAttempt, _ number: Int32) {
        kill(-attempt.start.process.pid, number)
    }

    func killAll(_ attempt: LaunchedAttempt) {
        attempt.start.cgroup.kill()
        if attempt.isRunning { signal(attempt, SIGKILL) }
    }

    func remove(_ id: AttemptID) -> LauncherReply {
        guard let attempt = attempts[id] else { return .done }
        guard attempt.exit != nil else { return .stillRunning }
        attempt.log.remove()
        attempts[id] = nil
        journal.append(Journal.removed(id))
        return .done
    }
}
