import Databases
import Glibc

/// The right to be the only process that has a database open: an advisory lock on a file beside it, which holds the
/// owner's process id for messages. The kernel lets go of it when the process ends, however it ends.
struct LockFile: ~Copyable {
    private let descriptor: Int32

    /// Takes the lock at `path`, or says who has it.
    init(path: String, of what: String) throws(DatabaseError) {
        // CLOEXEC: a task that outlives this process must not keep its lock.
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0o600)
        guard descriptor >= 0 else {
            throw FileSystem.error(errno, "cannot make the lock file '\(path)'")
        }
        let failure = Self.lock(descriptor)
        guard failure == 0 else {
            defer { Glibc.close(descriptor) }
            guard failure == EWOULDBLOCK else {
                throw FileSystem.error(failure, "cannot lock '\(path)'")
            }
            throw DatabaseError(
                .busy, "\(what) is in use by \(Self.owner(descriptor))",
                hint: "stop that process, or use another data directory")
        }
        let text = Array("\(getpid())\n".utf8)
        guard ftruncate(descriptor, 0) == 0, pwrite(descriptor, text, text.count, 0) == text.count else {
            defer { Glibc.close(descriptor) }
            throw FileSystem.error(errno, "cannot write the lock file '\(path)'")
        }
        self.descriptor = descriptor
    }

    /// Takes the lock; 0, or the system's error.
    ///
    /// A child that the last owner forked holds its descriptors too until it has executed its program, and an owner that
    /// was killed until the kernel has torn it down: both take milliseconds, which are waited for. On the thread that
    /// opens the database, which may block.
    private static func lock(_ descriptor: Int32) -> Int32 {
        for _ in 0..<100 {
            if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { return 0 }
            guard errno == EWOULDBLOCK else { break }
            // lint:allow sleeping on the thread that opens the database, where nothing else waits
            usleep(5000)
        }
        return errno
    }

    /// The file stays: to remove it would let two processes lock two files of one name.
    deinit { Glibc.close(descriptor) }

    /// Who wrote the lock file that is open as `descriptor`.
    private static func owner(_ descriptor: Int32) -> String {
        var buffer = [UInt8](repeating: 0, count: 32)
        let count = pread(descriptor, &buffer, buffer.count, 0)
        let digits = buffer.prefix(max(0, count)).prefix { (48...57).contains($0) }
        guard let process = Int32(String(decoding: digits, as: UTF8.self)) else { return "another process" }
        if process == getpid() { return "this same process" }
        let command = FileSystem.firstLine(of: "/proc/\(process)/comm")
        return command.map { "process \(process) (\($0))" } ?? "process \(process)"
    }
}
