import Glibc

/// A program run for a test, with its standard output to be read by lines.
final class ChildProcess {
    struct SpawnFailure: Error { var program: String, number: Int32 }

    private let identifier: pid_t
    private let output: UnsafeMutablePointer<FILE>

    init(_ program: String, _ arguments: [String]) throws {
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else { throw SpawnFailure(program: program, number: errno) }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
        posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
        defer { posix_spawn_file_actions_destroy(&actions) }
        var words: [UnsafeMutablePointer<CChar>?] = ([program] + arguments).map { strdup($0) } + [nil]
        defer { words.forEach { free($0) } }
        var identifier: pid_t = 0
        let result = posix_spawn(&identifier, program, &actions, nil, &words, environ)
        close(ends[1])
        guard result == 0, let output = fdopen(ends[0], "r") else {
            close(ends[0])
            throw SpawnFailure(program: program, number: result)
        }
        self.identifier = identifier
        self.output = output
    }

    deinit { fclose(output) }

    /// The first line of the output that `matches`; nil where it ends before.
    func readLine(where matches: (String) -> Bool) -> String? {
        var buffer = [CChar](repeating: 0, count: 4096)
        while fgets(&buffer, Int32(buffer.count), output) != nil {
            let line = String(
                decoding: buffer.prefix { $0 != 0 && $0 != 10 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            if matches(line) { return line }
        }
        return nil
    }

    /// Waits for its end, and returns its exit code, or 128 and more for a signal.
    @discardableResult
    func wait() -> Int32 {
        var status: Int32 = 0
        while waitpid(identifier, &status, 0) < 0, errno == EINTR {}
        let signal = status & 0x7f
        return signal == 0 ? status >> 8 & 0xff : 128 + signal
    }

    func kill() {
        Glibc.kill(identifier, SIGKILL)
        wait()
    }
}
