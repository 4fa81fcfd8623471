import CApollo
import ClusterModel
import Core
import Glibc
import TaskRuntimes

/// What a program that joins an attempt has to be like: read of the attempt's first process (proc(5)), which was made so by
/// the launcher and may have changed since.
struct AttemptSurroundings {
    /// Watches the attempt's first process.
    let main: Descriptor
    /// `NAME=value`.
    var environment: [String]
    /// Nil where it is ours, and we could not change it.
    var identity: ProcessIdentity?
    /// Where it is.
    let directory: Descriptor
    /// Those that are not ours.
    let namespaces: [Descriptor]
    var openFiles: (soft: UInt64, hard: UInt64)?
    var oomScore: String?

    /// - Parameter fallback: the environment, where the process has overwritten its own as those do that show a title.
    init(
        of record: StartRecord, _ attempt: AttemptID, fallback: @autoclosure () -> [String]
    ) throws(RuntimeError) {
        let pid = record.process.pid
        main = try Self.watch(record.process)
        let place = "/proc/\(pid)"
        identity = try Self.identity(ControlFile.read(place + "/status") ?? "")
        let variables = (ControlFile.read(place + "/environ") ?? "").split(separator: "\0").map(String.init)
        environment =
            variables.contains("APOLLO_ATTEMPT=\(attempt.text)")
            ? variables.filter { $0.contains("=") && !$0.hasPrefix("=") } : fallback()
        (directory, namespaces) = try Self.places(place)
        openFiles = Self.openFiles(ControlFile.read(place + "/limits") ?? "")
        oomScore = ControlFile.read(place + "/oom_score_adj").map { String($0.prefix { !$0.isNewline }) }
        guard !Self.hasEnded(main) else { throw .ended }
    }

    /// Those of a program of the host that goes into the attempt by itself: it has nothing of the attempt but its end.
    init(of record: StartRecord, onHost environment: [String]) throws(RuntimeError) {
        main = try Self.watch(record.process)
        self.environment = environment
        identity = nil
        do throws(SystemError) { directory = try .open("/", Self.pathOnly | O_DIRECTORY) } catch {
            throw .failed("\(error)")
        }
        namespaces = []
        openFiles = nil
        oomScore = nil
    }

    private static func watch(_ process: ProcessStamp) throws(RuntimeError) -> Descriptor {
        let watch = capollo_pidfd_open(process.pid)
        guard watch >= 0 else { throw .ended }
        let main = Descriptor(owning: watch)
        // Another may have its number by now; after this, what is read is of the one that is watched, while it lives.
        guard let start = ProcessTable.start(of: process.pid), start.ticks == process.startTicks,
            !start.isZombie
        else { throw .ended }
        return main
    }

    /// O_PATH, which the Glibc module does not show (open(2)).
    private static var pathOnly: Int32 { 0o10_000_000 }

    private static func places(_ place: String) throws(RuntimeError) -> (Descriptor, [Descriptor]) {
        do throws(SystemError) {
            return (try .open(place + "/cwd", pathOnly | O_DIRECTORY), try namespaces(place))
        } catch {
            throw error.code == ENOENT || error.code == ESRCH ? .ended : .failed("\(error)")
        }
    }

    static func hasEnded(_ process: Descriptor) -> Bool {
        var waiting = pollfd(fd: process.number, events: Int16(POLLIN), revents: 0)
        return poll(&waiting, 1, 0) > 0
    }

    /// The real user and group: those it drops to for good, not those it borrows.
    static func identity(_ status: String) throws(RuntimeError) -> ProcessIdentity? {
        func numbers(_ name: String) -> [UInt32] {
            for line in status.split(separator: "\n") where line.hasPrefix(name + ":") {
                return line.dropFirst(name.utf8.count + 1).split { $0 == "\t" || $0 == " " }
                    .compactMap { UInt32($0) }
            }
            return []
        }
        guard let user = numbers("Uid").first, let group = numbers("Gid").first else { throw .ended }
        guard geteuid() == 0 else {
            guard user == geteuid() else {
                throw .rejected(
                    "the task runs as user \(user) by now, and only root can become another",
                    hint: "run Apollo as root")
            }
            return nil
        }
        return ProcessIdentity(user: user, group: group, groups: numbers("Groups"))
    }

    private static func namespaces(_ place: String) throws(SystemError) -> [Descriptor] {
        // Only root may enter them. That of process numbers is never another than the launcher's.
        guard geteuid() == 0 else { return [] }
        var found: [Descriptor] = []
        for name in ["mnt", "net", "uts", "ipc", "cgroup"] {
            let theirs = try Descriptor.open("\(place)/ns/\(name)", O_RDONLY)
            let ours = try Descriptor.open("/proc/self/ns/\(name)", O_RDONLY)
            if inode(theirs) != inode(ours) { found.append(theirs) }
        }
        return found
    }

    private static func inode(_ file: Descriptor) -> UInt64? {
        var status = stat()
        return fstat(file.number, &status) == 0 ? UInt64(status.st_ino) : nil
    }

    /// `Max open files  1024  524288  files`, of limits.
    static func openFiles(_ limits: String) -> (soft: UInt64, hard: UInt64)? {
        for line in limits.split(separator: "\n") where line.hasPrefix("Max open files") {
            let words = line.dropFirst("Max open files".utf8.count).split(separator: " ")
            guard words.count >= 2, let soft = UInt64(words[0]), let hard = UInt64(words[1]) else {
                return nil
            }
            return (soft, hard)
        }
        return nil
    }
}
