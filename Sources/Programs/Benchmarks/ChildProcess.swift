import CApollo
public import Core
import Glibc
import Synchronization

/// A program that was started. Whoever starts it waits for it, or stops it.
public final class ChildProcess: Sendable {
    public let pid: Int32
    private let executable: String
    private let status = Mutex<Int32?>(nil)

    /// Starts `executable`, an absolute path or a name of the search path, in a process group of its own: an interrupt of the
    /// terminal is ours to handle. What it writes goes to the files `output` and `errors`, nil for /dev/null.
    public init(
        _ executable: String, _ arguments: [String], variables: [String: String] = [:], output: String? = nil,
        errors: String? = nil
    ) throws {
        self.executable = executable
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        for (descriptor, path) in [(Int32(1), output), (Int32(2), errors)] {
            posix_spawn_file_actions_addopen(
                &actions, descriptor, path ?? "/dev/null", O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        }
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // The program gets the signals as a shell would give them: ours ignores SIGPIPE, and threads block some.
        var (all, none) = (sigset_t(), sigset_t())
        sigfillset(&all)
        sigemptyset(&none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setpgroup(&attributes, 0)
        let flags = POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK
        posix_spawnattr_setflags(&attributes, Int16(flags))
        var pid: Int32 = 0
        let code = Self.withVectors([executable] + arguments, Self.environment(with: variables)) {
            words, environment in
            posix_spawnp(&pid, executable, &actions, &attributes, words, environment)
        }
        guard code == 0 else {
            throw ApolloError(
                .unavailable, "cannot start \(executable): \(String(cString: strerror(code)))",
                hint: code == ENOENT ? "is it installed? 'make peers' installs what benchmarks need" : nil)
        }
        self.pid = pid
    }

    /// The environment of this process, with `variables` in the place of its own, as `KEY=VALUE`.
    private static func environment(with variables: [String: String]) -> [String] {
        var all: [String] = []
        var entry = environ
        while let text = entry.pointee {
            let pair = String(cString: text)
            // Settings of the user's own platform have no place in a measurement.
            if !pair.hasPrefix("APOLLO_"), variables[String(pair.prefix { $0 != "=" })] == nil {
                all.append(pair)
            }
            entry += 1
        }
        return all + variables.map { "\($0.key)=\($0.value)" }
    }

    private static func withVectors<Result>(
        _ words: [String], _ variables: [String],
        _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>, UnsafePointer<UnsafeMutablePointer<CChar>?>) ->
            Result
    ) -> Result {
        let (first, second) = (words.map { strdup($0) } + [nil], variables.map { strdup($0) } + [nil])
        defer { for text in first + second { free(text) } }
        return body(first, second)
    }

    /// Waits on the calling thread until it ends or `limit` has passed, when it is killed. Its exit code, or 128 and the signal.
    public func wait(within limit: Duration) throws -> Int32 {
        if let known = status.withLock({ $0 }) { return known }
        let file = capollo_pidfd_open(pid)
        guard file >= 0 else { throw Workshop.failure("watch process", "\(pid)") }
        defer { close(file) }
        var request = pollfd(fd: file, events: Int16(POLLIN), revents: 0)
        var ready: Int32
        repeat {
            ready = poll(&request, 1, Int32(clamping: limit.inMicroseconds / 1000))
        } while ready < 0 && errno == EINTR
        if ready <= 0 {
            kill(pid, SIGKILL)
            _ = reap(0)
            throw ApolloError(.deadline, "\(executable) took longer than \(limit.short) and was killed")
        }
        return reap(0) ?? -1
    }

    /// As ``wait(within:)``, without a thread that stands still.
    public func end(within limit: Duration, clock: any MonotonicClock) async throws -> Int32 {
        let deadline = clock.now.advanced(by: limit)
        while true {
            if let status = reap(WNOHANG) { return status }
            do {
                try await clock.sleep(for: .milliseconds(5))
            } catch {
                kill(pid, SIGKILL)
                _ = reap(0)
                throw error
            }
            if clock.now >= deadline {
                kill(pid, SIGKILL)
                _ = reap(0)
                throw ApolloError(.deadline, "\(executable) took longer than \(limit.short) and was killed")
            }
        }
    }

    /// Whether it runs still.
    public var isRunning: Bool { reap(WNOHANG) == nil }

    /// Asks it to end, and kills it where that takes longer than ten seconds. Whoever cancelled waits for it all the same.
    public func stop(clock: any MonotonicClock) async {
        guard reap(WNOHANG) == nil else { return }
        kill(pid, SIGTERM)
        // By the thread: the task may be cancelled, and then no clock waits.
        _ = try? wait(within: .seconds(10))
    }

    private func reap(_ options: Int32) -> Int32? {
        status.withLock { known in
            if let known { return known }
            var code: Int32 = 0
            var result: Int32
            repeat { result = waitpid(pid, &code, options) } while result < 0 && errno == EINTR
            guard result == pid else { return nil }
            let signal = code & 0x7F
            known = signal == 0 ? (code >> 8) & 0xFF : 128 + signal
            return known
        }
    }
}
