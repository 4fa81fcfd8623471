import ClusterModel
import Core
import TaskRuntimes

/// An attempt in the launcher's hands.
final class LaunchedAttempt {
    enum Phase {
        case running
        /// Its first process has ended, and what that left behind is being killed; for so long.
        case ending(AttemptExit, until: MonotonicInstant)
        case ended(AttemptExit)
    }

    /// Who waits for its end, and how the answer is given.
    struct Waiter {
        var client: UInt64
        var request: UInt32
        /// The one who waits asked for a stop, and hears of no more than that it is done.
        var isStop: Bool
    }

    struct OutputWaiter {
        var client: UInt64
        var request: UInt32
        var position: UInt64
    }

    /// An output pipe's end.
    struct Output {
        var kind: LogFormat.Kind
        var pipe: Descriptor
    }

    let id: AttemptID
    let start: StartRecord
    let log: LogWriter
    var phase: Phase
    var outputs: [Output] = []
    var waiters: [Waiter] = []
    var outputWaiters: [OutputWaiter] = []
    /// When what still runs is killed.
    var killAt: MonotonicInstant?
    /// Watches a process that another launcher started; nil for our own child.
    var adopted: Descriptor?
    /// Another launcher started it, so what it left is not ours but init's.
    var isInherited = false
    /// Another program made its first process, and its cgroups: more of them than are needed here.
    var isHanded = false
    /// The wait until the next look at what is left of it.
    var nextLook = Duration.milliseconds(2)

    init(id: AttemptID, start: StartRecord, log: LogWriter, phase: Phase) {
        self.id = id
        self.start = start
        self.log = log
        self.phase = phase
    }

    var exit: AttemptExit? {
        if case .ended(let exit) = phase { return exit }
        return nil
    }

    var isRunning: Bool {
        if case .running = phase { return true }
        return false
    }

    var listed: ListedAttempt {
        ListedAttempt(attempt: id, startedAt: start.startedAt, metadata: start.metadata, exit: exit)
    }
}
