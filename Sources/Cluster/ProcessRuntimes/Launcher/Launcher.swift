import CApollo
import ClusterModel
import Core
import Glibc
import TaskRuntimes

/// The parent of all processes that are attempts, in a process of its own: it outlives Apollo, reads what they write, and
/// knows how they end. One thread and one loop; see docs/design/process-runtime.md.
final class Launcher {
    /// What a watched descriptor is.
    enum Source {
        case listener
        case signals
        case client(LauncherClient)
        case output(LaunchedAttempt)
        case adopted(LaunchedAttempt)
    }

    /// What is done at a time of its own.
    enum Action {
        case kill(LaunchedAttempt)
        case look(LaunchedAttempt)
        case syncJournal
        case tidy
        case giveUp(PendingHandover)
        case checkIdle
    }

    let options: LauncherOptions
    let environment: Environment
    let journal: Journal
    let starter: AttemptStarter
    let sharedOutput: SharedOutput
    let poller: Poller
    let listener: Descriptor
    let signals: Descriptor
    var sources: [Int32: Source] = [:]
    var clients: [UInt64: LauncherClient] = [:]
    var lastClient: UInt64 = 0
    var attempts: [AttemptID: LaunchedAttempt] = [:]
    /// The running ones that are our children.
    var children: [Int32: LaunchedAttempt] = [:]
    /// Programs that make the first processes of attempts, by their own numbers.
    var handovers: [Int32: PendingHandover] = [:]
    /// How orphans ended meanwhile, and when: one of them may be what a program hands over.
    var orphanEnds: [Int32: (status: Int32, at: MonotonicInstant)] = [:]
    /// Those that have not ended.
    var unended = 0
    /// Those whose first process has ended but not all of the rest.
    var ending: [LaunchedAttempt] = []
    /// Cgroups that are still busy with what ended, and how long they are tried.
    var leftovers: [(cgroup: AttemptCgroup, until: MonotonicInstant)] = []
    var deadlines = Deadlines<Action>()
    var buffer = [UInt8](repeating: 0, count: 64 << 10)
    /// Since when there are neither clients nor running attempts.
    var idleSince: MonotonicInstant?
    var isShuttingDown = false
    let bootID = ProcessTable.bootID

    init(
        options: LauncherOptions, environment: Environment, journal: Journal, starter: AttemptStarter,
        listener: Descriptor, signals: Descriptor
    ) throws(SystemError) {
        self.options = options
        self.environment = environment
        self.journal = journal
        self.starter = starter
        sharedOutput = SharedOutput(directory: LauncherOptions.shared(in: options.directory))
        self.listener = listener
        self.signals = signals
        poller = try Poller()
        try watch(listener, as: .listener)
        try watch(signals, as: .signals)
    }

    var now: MonotonicInstant { environment.clock.now }
    var today: Timestamp { environment.wallClock.now }

    func watch(_ file: Descriptor, as source: Source) throws(SystemError) {
        try poller.add(file)
        sources[file.number] = source
    }

    /// Runs until there is nothing left to do for anybody.
    func run() {
        journal.append(Journal.boot(bootID))
        while !isDone {
            finishTurn()
            let timeout = deadlines.next.map { now.duration(to: $0) }
            for (file, isWritable) in poller.wait(timeout) { handle(file, isWritable) }
            while let action = deadlines.popDue(now) { perform(action) }
        }
        finishTurn()
        journal.sync()
        sharedOutput.close()
    }

    /// Writes the journal, and only then tells anybody what is in it.
    private func finishTurn() {
        journal.flush { [self] in
            [Journal.boot(bootID)]
                + attempts.values.flatMap { attempt in
                    [Journal.started(attempt.id, attempt.start)]
                        + (attempt.exit.map { [Journal.ended(attempt.id, $0)] } ?? [])
                }
        }
        for client in clients.values where client.hasOutgoing || client.isClosing { flush(client) }
        if clients.isEmpty, unended == 0 {
            if idleSince == nil {
                idleSince = now
                deadlines.add(.checkIdle, at: now.advanced(by: options.idle))
            }
        } else {
            idleSince = nil
        }
    }

    private var isDone: Bool {
        guard unended == 0, leftovers.isEmpty else { return false }
        if isShuttingDown { return true }
        guard let idleSince else { return false }
        return idleSince.duration(to: now) >= options.idle
    }

    private func handle(_ file: Int32, _ isWritable: Bool) {
        switch sources[file] {
        case .listener: accept()
        case .signals: readSignals()
        case .client(let client):
            if isWritable { flush(client) }
            receive(from: client)
        case .output(let attempt): readOutput(attempt, file)
        case .adopted(let attempt): adoptedEnded(attempt)
        case nil: break  // closed earlier in this turn
        }
    }

    private func perform(_ action: Action) {
        switch action {
        case .kill(let attempt): killIfDue(attempt)
        case .look(let attempt): settle(attempt)
        case .syncJournal: journal.sync()
        case .tidy: tidy()
        case .giveUp(let handover): giveUp(handover)
        case .checkIdle: break  // the loop looks
        }
    }

    private func readSignals() {
        while case let number = capollo_launcher_next_signal(signals.number), number != 0 {
            // Others may ask us to end, and we do, once what was entrusted to us has ended.
            if number == SIGTERM { isShuttingDown = true }
        }
        reapChildren()
    }

    /// Says something in the launcher's log, for people.
    func note(_ text: String) {
        let line = Array("\(today) \(text)\n".utf8)
        _ = line.withUnsafeBytes { write(2, $0.baseAddress, $0.count) }
    }
}
