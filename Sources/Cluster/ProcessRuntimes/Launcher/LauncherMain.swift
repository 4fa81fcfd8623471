import CApollo
import Cgroups
import Concurrency
import Core
import Glibc

/// The launcher's program: `apollo launcher <directory> [--idle SECONDS] [--cgroups any|v1|none]`.
public enum LauncherMain {
    /// The first word of the command line that means it.
    public static let verb = "launcher"

    /// Runs the launcher and returns its exit code. Call it before the process has more than one thread: it forks, and
    /// its first process returns, 0, as soon as the second listens, or when another launcher serves the directory.
    public static func run(arguments: [String]) -> Int32 {
        guard let options = LauncherOptions(arguments: arguments) else {
            say("usage: apollo launcher <absolute directory> [--idle SECONDS] [--cgroups any|v1|none]")
            return 2
        }
        do throws(SystemError) {
            return try run(options)
        } catch {
            say("the launcher cannot start: \(error)")
            return 71  // EX_OSERR
        }
    }

    private static func run(_ options: LauncherOptions) throws(SystemError) -> Int32 {
        try makeDirectories(options.directory)
        let lock = try Descriptor.open(LauncherOptions.lock(in: options.directory), O_RDWR | O_CREAT)
        guard flock(lock.number, LOCK_EX | LOCK_NB) == 0 else {
            if errno == EWOULDBLOCK { return 0 }
            throw .last("flock", LauncherOptions.lock(in: options.directory))
        }
        let (journal, known) = try Journal.open(LauncherOptions.journal(in: options.directory))
        let listener = try UnixSocket.listen(options.directory, "launcher.sock")
        let child = capollo_fork()
        guard child >= 0 else { throw .last("fork", "the launcher") }
        if child > 0 { return 0 }

        let starter = prepare(options)
        let launcher = try Launcher(
            options: options, environment: .live, journal: journal, starter: starter, listener: listener,
            signals: try blockSignals())
        launcher.note("launcher \(getpid()) serves \(options.directory); \(starter.plan.description)")
        launcher.adopt(known)
        launcher.run()
        unlink(LauncherOptions.socket(in: options.directory))
        starter.plan.everywhere.remove()
        withExtendedLifetime(lock) {}
        return 0
    }

    /// Takes what the launcher needs more of than its tasks, and remembers what they get.
    private static func prepare(_ options: LauncherOptions) -> AttemptStarter {
        setsid()
        chdir("/")
        capollo_become_subreaper()
        var openFiles = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &openFiles)
        var raised = openFiles
        raised.rlim_cur = raised.rlim_max
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &raised)
        // When memory runs out, better one task than the parent of all. Only root may ask for it.
        let path = "/proc/self/oom_score_adj"
        let score = ControlFile.read(path)
        let isLowered = ControlFile.write("-900", to: path) == nil
        let plan = options.cgroups == .none ? .none : plan(options)
        return AttemptStarter(plan: plan, openFiles: openFiles, oomScore: isLowered ? score : nil)
    }

    private static func plan(_ options: LauncherOptions) -> CgroupPlan {
        var table = CgroupTable(
            mountinfo: ControlFile.read("/proc/self/mountinfo") ?? "",
            cgroup: ControlFile.read("/proc/self/cgroup") ?? "")
        if options.cgroups == .version1 { table.forgetUnified() }
        return CgroupPlan(table: table, name: cgroupName(options.directory), vacate: vacate)
    }

    /// What the cgroup of all its attempts is called, below its own. Several launchers may serve several directories.
    static func cgroupName(_ directory: String) -> String {
        "apollo-\(String(Journal.checksum(Array(directory.utf8)), radix: 16))"
    }

    /// Moves all processes of the cgroup one down, if all are this program.
    private static func vacate(_ directory: String) -> Bool {
        let pids = (ControlFile.read(directory + "/cgroup.procs") ?? "").split(separator: "\n")
        let own = program("self")
        guard pids.allSatisfy({ program(String($0)) == own }) else { return false }
        let supervisor = directory + "/" + CgroupPlan.supervisor
        guard mkdir(supervisor, 0o755) == 0 || errno == EEXIST else { return false }
        return pids.allSatisfy { ControlFile.write(String($0), to: supervisor + "/cgroup.procs") == nil }
    }

    private static func program(_ pid: String) -> String? {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = readlink("/proc/\(pid)/exe", &buffer, buffer.count)
        guard count > 0 else { return nil }
        return String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Ends of children come as a descriptor, SIGTERM too; the terminal's signals and broken pipes mean nothing here.
    private static func blockSignals() throws(SystemError) -> Descriptor {
        let number = capollo_launcher_signals()
        guard number >= 0 else { throw .last("signalfd", "for the launcher") }
        return Descriptor(owning: number)
    }

    private static func say(_ text: String) {
        let line = Array((text + "\n").utf8)
        _ = line.withUnsafeBytes { write(2, $0.baseAddress, $0.count) }
    }
}
