import CApollo
import Core
import Glibc

/// A program that is run for what it writes: for no longer, and of no more, than is said. It finds no input.
public struct BoundedCommand: Sendable {
    public enum Failure: Error, Hashable, Sendable {
        /// There is no such program.
        case notFound
        /// It could not be started, and why.
        case unusable(String)
        /// It did not end in time, and was killed.
        case tooSlow
        /// It wrote more than it may, and was killed.
        case tooMuch
        case exited(Int32)
        case signalled(Int32)
    }

    private let words: [String]
    private let sizeLimit: Int
    private let showsErrors: Bool

    /// - Parameters:
    ///   - words: the program, a path or a name to find on `PATH`, and its arguments.
    ///   - sizeLimit: the most bytes that it may write.
    ///   - showsErrors: whether its standard error is this process's; otherwise it is dropped.
    public init(_ words: [String], sizeLimit: Int = 64 << 10, showsErrors: Bool = false) {
        self.showsErrors = showsErrors
        precondition(!words.isEmpty)
        self.words = words
        self.sizeLimit = sizeLimit
    }

    /// Runs it to its end, and returns what it wrote to its standard output. Blocks for up to `limit`; then it is killed, with what it
    /// has started in its process group.
    public func run(within limit: Duration) throws(Failure) -> [UInt8] {
        let clock = LiveClock()
        let deadline = clock.now.advanced(by: limit)
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw .unusable(String(cString: strerror(errno))) }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        defer { close(ends[0]) }
        let child: pid_t
        do {
            defer { close(ends[1]) }
            child = try spawn(output: ends[1])
        }
        func milliseconds() -> Int32 {
            Int32(clamping: max(0, clock.now.duration(to: deadline).inMicroseconds + 999) / 1000)
        }
        do throws(Failure) {
            let output = try read(from: ends[0], milliseconds)
            // It may have closed its output and live on.
            try awaitEnd(of: child, milliseconds)
            try check(reap(child))
            return output
        } catch {
            guard error == .tooSlow || error == .tooMuch else { throw error }
            kill(-child, SIGKILL)
            _ = reap(child)
            throw error
        }
    }

    private func read(from end: Int32, _ milliseconds: () -> Int32) throws(Failure) -> [UInt8] {
        var output: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 4096)
        while true {
            var event = pollfd(fd: end, events: Int16(POLLIN), revents: 0)
            let ready = poll(&event, 1, milliseconds())
            if ready < 0, errno == EINTR { continue }
            guard ready > 0 else { throw .tooSlow }
            let count = Glibc.read(end, &piece, piece.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return output }
            output += piece[..<count]
            guard output.count <= sizeLimit else { throw .tooMuch }
            guard milliseconds() > 0 else { throw .tooSlow }
        }
    }

    private func awaitEnd(of child: pid_t, _ milliseconds: () -> Int32) throws(Failure) {
        let file = capollo_pidfd_open(child)
        guard file >= 0 else { throw .tooSlow }
        defer { close(file) }
        while true {
            var event = pollfd(fd: file, events: Int16(POLLIN), revents: 0)
            let ready = poll(&event, 1, milliseconds())
            if ready < 0, errno == EINTR { continue }
            guard ready > 0 else { throw .tooSlow }
            return
        }
    }

    private func check(_ status: Int32) throws(Failure) {
        guard status != 0 else { return }
        throw status & 0x7F == 0 ? .exited((status >> 8) & 0xFF) : .signalled(status & 0x7F)
    }

    private func reap(_ child: pid_t) -> Int32 {
        var status: Int32 = 0
        while waitpid(child, &status, 0) < 0, errno == EINTR {}
        return status
    }

    private func spawn(output: Int32) throws(Failure) -> pid_t {
        var actions = posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawnattr_init(&attributes)
        defer {
            posix_spawn_file_actions_destroy(&actions)
            posix_spawnattr_destroy(&attributes)
        }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, output, 1)
        if !showsErrors { posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0) }
        // As a shell would give them: ours ignores SIGPIPE, and threads block some.
        var (all, none) = (sigset_t(), sigset_t())
        sigfillset(&all)
        sigemptyset(&none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setpgroup(&attributes, 0)
        let flags = POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK
        posix_spawnattr_setflags(&attributes, Int16(flags))
        var texts: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
        defer { for text in texts { free(text) } }
        var child = pid_t()
        let code = posix_spawnp(&child, words[0], &actions, &attributes, &texts, environ)
        guard code == 0 else { throw code == ENOENT ? .notFound : .unusable(String(cString: strerror(code))) }
        return child
    }
}
