import CApollo
import Glibc
import TaskRuntimes

/// Makes a process beside an attempt: its ends of pipes or of a terminal, and the spawn.
struct ExecStarter {
    let record: StartRecord
    let surroundings: AttemptSurroundings
    let request: ExecRequest
    /// Where the program writes the number of the one that it runs in the attempt; nil where it is that itself.
    var pidFile: String?
    /// Who its pipes belong to, where not to the attempt's own user.
    var outputOwner: UInt32?

    /// A process that runs, and our ends of what it reads and writes; none of them blocks.
    struct Started {
        var pid: Int32
        /// Readable once it has ended.
        var watch: Descriptor
        var input: Descriptor?
        var outputs: [(stream: LogRecord.Stream, file: Descriptor)]
        /// Both of these, where it runs on one.
        var terminal: Descriptor?
        var pidFile: String?
    }

    private struct Ends {
        var child: [Descriptor?]
        var input: Descriptor?
        var outputs: [(stream: LogRecord.Stream, file: Descriptor)]
        var terminal: Descriptor?
    }

    /// Starts it as a child of the calling thread, with whose end it is killed; or leaves nothing behind.
    func start() throws(RuntimeError) -> Started {
        let ends: Ends
        do throws(SystemError) {
            if let wanted = request.terminal { ends = try terminal(wanted) } else { ends = try pipes() }
        } catch {
            throw .exhausted("no pipes or terminal for the program: \(error)", hint: "see `ulimit -n`")
        }
        let pid = try spawn(ends)
        let watch = capollo_pidfd_open(pid)
        guard watch >= 0 else {
            let why = SystemError.last("pidfd_open", "of the program")
            kill(pid, SIGKILL)
            waitpid(pid, nil, 0)
            throw .failed("\(why)")
        }
        return Started(
            pid: pid, watch: Descriptor(owning: watch), input: ends.input, outputs: ends.outputs,
            terminal: ends.terminal, pidFile: pidFile)
    }

    private func terminal(_ wanted: ExecRequest.Terminal) throws(SystemError) -> Ends {
        var path = [CChar](repeating: 0, count: 128)
        let number = capollo_open_terminal(wanted.size.columns, wanted.size.rows, &path, UInt(path.count))
        guard number >= 0 else { throw .last("posix_openpt", "a pseudo terminal") }
        let master = Descriptor(owning: number)
        _ = fcntl(number, F_SETFL, O_RDWR | O_NONBLOCK)
        let end = capollo_open_terminal_end(path)
        guard end >= 0 else { throw .last("open", "a pseudo terminal") }
        let child = Descriptor(owning: end)
        // So that it may open its /dev/tty again by name.
        if let identity = surroundings.identity { fchown(end, identity.user, gid_t.max) }
        return Ends(
            child: [child, child, child], input: master, outputs: [(.stdout, master)], terminal: master)
    }

    private func pipes() throws(SystemError) -> Ends {
        let output = try pipe(childReads: false)
        let errors = try pipe(childReads: false)
        let input = request.takesInput ? try pipe(childReads: true) : nil
        return Ends(
            child: [input?.child, output.child, errors.child], input: input?.ours,
            outputs: [(.stdout, output.ours), (.stderr, errors.ours)])
    }

    private func pipe(childReads: Bool) throws(SystemError) -> (ours: Descriptor, child: Descriptor) {
        var numbers: [Int32] = [-1, -1]
        guard capollo_pipe(&numbers) == 0 else { throw .last("pipe2", "of the program") }
        let ends = numbers.map { Descriptor(owning: $0) }
        let (ours, child) = childReads ? (ends[1], ends[0]) : (ends[0], ends[1])
        // Programs expect their ends to block.
        _ = fcntl(child.number, F_SETFL, 0)
        if let identity = surroundings.identity { fchown(child.number, identity.user, identity.group) }
        if let outputOwner { fchown(child.number, outputOwner, outputOwner) }
        return (ours, child)
    }

    private func spawn(_ ends: Ends) throws(RuntimeError) -> Int32 {
        var doors: [Descriptor] = []
        for directory in pidFile == nil ? record.cgroup.directories : [] {
            // A cgroup that is gone was the attempt's.
            guard let door = try? Descriptor.open(directory + "/cgroup.procs", O_WRONLY) else { throw .ended }
            doors.append(door)
        }
        var environment = surroundings.environment
        if let terminal = request.terminal {
            environment.removeAll { $0.hasPrefix("TERM=") }
            environment.append("TERM=\(terminal.type)")
        }
        let path = environment.first { $0.hasPrefix("PATH=") }?.dropFirst(5) ?? ""
        let found = LaunchPreparation.candidates(request.command[0], path: String(path))
        let candidates = CStrings(found)
        let arguments = CStrings(request.command)
        let variables = CStrings(environment)
        let oomScore = surroundings.oomScore.map { CStrings([$0]) }
        let groups = surroundings.identity?.groups ?? []
        var spawn = capollo_spawn_request()
        spawn.candidates = candidates.pointer
        spawn.arguments = arguments.pointer
        spawn.environment = variables.pointer
        spawn.enters_directory = 1
        spawn.directory_file = surroundings.directory.number
        spawn.files = (
            ends.child[0]?.number ?? -1, ends.child[1]?.number ?? -1, ends.child[2]?.number ?? -1
        )
        spawn.open_files = surroundings.openFiles?.soft ?? 0
        spawn.open_files_most = surroundings.openFiles?.hard ?? 0
        spawn.oom_score = oomScore?[0]
        spawn.no_new_privileges = 1
        spawn.controlling_terminal = request.terminal == nil ? 0 : 1
        spawn.death_signal = SIGKILL
        if let identity = surroundings.identity {
            spawn.changes_identity = 1
            spawn.user = identity.user
            spawn.group = identity.group
        }
        let pid = surroundings.namespaces.map(\.number).withUnsafeBufferPointer { namespaces in
            groups.withUnsafeBufferPointer { groups in
                doors.map(\.number).withUnsafeBufferPointer { doors in
                    spawn.namespaces = namespaces.baseAddress
                    spawn.namespace_count = namespaces.count
                    spawn.groups = groups.baseAddress
                    spawn.group_count = groups.count
                    spawn.cgroups = doors.baseAddress
                    spawn.cgroup_count = doors.count
                    return capollo_spawn(&spawn)
                }
            }
        }
        withExtendedLifetime((doors, ends, candidates, arguments, variables, oomScore, surroundings)) {}
        guard pid > 0 else { throw failure(spawn, found) }
        return pid
    }

    private func failure(_ spawn: capollo_spawn_request, _ candidates: [String]) -> RuntimeError {
        let failure = StartFailure(
            step: spawn.failed_step, errno: spawn.failed_errno, index: UInt32(spawn.failed_index))
        let why = SystemError.text(failure.errno)
        switch failure.step {
        case CAPOLLO_SPAWN_EXECUTE:
            return failure.executionError("command", request.command[0], candidates)
        case CAPOLLO_SPAWN_CGROUP where failure.errno == ENODEV || failure.errno == ENOENT: return .ended
        case CAPOLLO_SPAWN_CLONE where failure.errno == EAGAIN || failure.errno == ENOMEM,
            CAPOLLO_SPAWN_CGROUP where failure.errno == EAGAIN:
            return .exhausted(
                "there is no room for another process in the task: \(why)",
                hint: "it counts among the task's --processes")
        default: return .failed("the program could not be started, step \(failure.step): \(why)")
        }
    }
}
