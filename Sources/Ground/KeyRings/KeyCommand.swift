import Core
import Glibc

/// A command of the shell that writes the master keys to its standard output.
struct KeyCommand {
    let line: String

    /// Runs it, and returns what it wrote. Blocks for up to `limit` seconds; then it is killed with what it started.
    func run(within limit: Int32) throws(ApolloError) -> String {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw failure("cannot be run: \(reason(errno))") }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        defer { close(ends[0]) }
        let child: pid_t
        do {
            defer { close(ends[1]) }
            child = try spawn(output: ends[1])
        }
        let output = read(from: ends[0], child: child, within: limit)
        var status: Int32 = 0
        while waitpid(child, &status, 0) < 0, errno == EINTR {}
        guard let output else { throw failure("did not end within \(limit) s") }
        guard status == 0 else {
            let code = status & 0x7F == 0 ? "exit code \((status >> 8) & 0xFF)" : "signal \(status & 0x7F)"
            throw failure("failed: \(code)")
        }
        return String(decoding: output, as: UTF8.self)
    }

    private func spawn(output: Int32) throws(ApolloError) -> pid_t {
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
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP))
        posix_spawnattr_setpgroup(&attributes, 0)
        let command: [String] = ["/bin/sh", "-c", line]
        var words: [UnsafeMutablePointer<CChar>?] = command.map { strdup($0) } + [nil]
        defer { for word in words { free(word) } }
        var child = pid_t()
        let code = posix_spawn(&child, "/bin/sh", &actions, &attributes, &words, environ)
        guard code == 0 else { throw failure("cannot be run: \(reason(code))") }
        return child
    }

    /// All that comes until the end; nil where time ran out, and then the child is killed.
    private func read(from end: Int32, child: pid_t, within limit: Int32) -> [UInt8]? {
        var output: [UInt8] = []
        var remaining = limit * 1000
        let step: Int32 = 100
        while true {
            var event = pollfd(fd: end, events: Int16(POLLIN), revents: 0)
            let ready = poll(&event, 1, step)
            guard ready != 0 else {
                remaining -= step
                guard remaining > 0 else { break }
                continue
            }
            guard ready > 0 else { continue }
            var piece = [UInt8](repeating: 0, count: 4096)
            let count = Glibc.read(end, &piece, piece.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return output }
            output += piece[..<count]
            // Keys are a few lines; what goes on is no key.
            guard output.count <= 64 << 10 else { break }
        }
        kill(-child, SIGKILL)
        return nil
    }

    private func reason(_ code: Int32) -> String { String(cString: strerror(code)) }

    /// The line itself stays out of the message: it may hold a password.
    private func failure(_ what: String) -> ApolloError {
        ApolloError(
            .unavailable, "the command of secrets.key.command \(what)",
            hint: "run it by hand; it must write the key to its standard output and exit with 0")
    }
}
