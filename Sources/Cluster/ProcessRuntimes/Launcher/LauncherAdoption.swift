import CApollo
import ClusterModel
import Core
import Glibc
import TaskRuntimes

/// What a launcher does about the attempts of one that died before it.
extension Launcher {
    func adopt(_ known: [AttemptID: Journal.Known]) {
        for (id, entry) in known {
            if let exit = entry.exit {
                launched(id, entry.start, phase: .ended(exit)).log.resume()
            } else if entry.boot == bootID, let watch = Self.watch(entry.start.process) {
                takeOver(id, entry.start, watch)
            } else {
                bury(id, entry.start, isRebooted: entry.boot != bootID)
            }
        }
        sharedOutput.forgetRest()
        for stray in starter.plan.everywhere.strays(except: Set(known.keys)) {
            stray.kill()
            tidyLater(stray)
        }
    }

    /// A descriptor that tells when the process ends; nil when it is gone already, or its number another's.
    private static func watch(_ process: ProcessStamp) -> Descriptor? {
        let number = capollo_pidfd_open(process.pid)
        guard number >= 0 else { return nil }
        let watch = Descriptor(owning: number)
        // Asked after opening: the descriptor is of the process that has the number now.
        guard let start = ProcessTable.start(of: process.pid), start.ticks == process.startTicks,
            !start.isZombie
        else { return nil }
        return watch
    }

    private func takeOver(_ id: AttemptID, _ start: StartRecord, _ watch: Descriptor) {
        let attempt = launched(id, start, phase: .running)
        attempt.log.resume()
        attempt.adopted = watch
        attempt.isInherited = true
        do throws(SystemError) {
            try self.watch(watch, as: .adopted(attempt))
        } catch {
            note("cannot watch \(id): \(error)")
        }
        watchOutputs(of: attempt, Self.outputs(of: start))
        note("adopted \(id), process \(start.process.pid)")
    }

    /// The pipes that the process still writes to.
    private static func outputs(of start: StartRecord) -> [(LogFormat.Kind, Descriptor)] {
        zip([LogFormat.Kind.stdout, .stderr], start.pipes).enumerated().compactMap { index, output in
            let path = "/proc/\(start.process.pid)/fd/\(index + 1)"
            var status = stat()
            // A process that is gone, or has closed its output, has nothing left to be read.
            guard let pipe = try? Descriptor.open(path, O_RDONLY | O_NONBLOCK),
                fstat(pipe.number, &status) == 0,
                status.st_mode & S_IFMT == S_IFIFO, UInt64(status.st_ino) == output.1
            else { return nil }
            return (output.0, pipe)
        }
    }

    private func bury(_ id: AttemptID, _ start: StartRecord, isRebooted: Bool) {
        let attempt = launched(id, start, phase: .running)
        attempt.isInherited = true
        attempt.log.resume()
        let reason =
            isRebooted
            ? "lost: the machine restarted while it ran"
            : "lost: its launcher was killed and it ended before another one looked, so nobody saw how"
        begin(ending: attempt, AttemptExit(code: nil, endedAt: today, reason: reason))
    }
}
