import CApollo
import Core
import Glibc
import TaskRuntimes

/// Connects to the launcher of a directory, and starts one where there is none.
struct LauncherStarter: Sendable {
    var options: LauncherOptions
    /// The program and the words before the launcher's own.
    var command: [String]
    var clock: any MonotonicClock

    private static var limit: Duration { .seconds(10) }

    /// Blocks the calling thread, for at most some ten seconds.
    func connect() throws(RuntimeError) -> LauncherConnection {
        let deadline = clock.now.advanced(by: Self.limit)
        while true {
            if let socket = try open(), let connection = try greet(socket, deadline) { return connection }
            guard clock.now < deadline else {
                throw .unavailable("the process launcher in \(options.directory) does not answer", hint: hint)
            }
            try start(deadline)
            poll(nil, 0, 5)
        }
    }

    /// A connected socket; nil when nobody is there: never was, died, or just ends and holds the lock a moment longer.
    private func open() throws(RuntimeError) -> Descriptor? {
        do throws(SystemError) {
            return try UnixSocket.connect(options.directory, "launcher.sock")
        } catch {
            guard [ENOENT, ECONNREFUSED, ECONNRESET, EPIPE].contains(error.code) else {
                throw .unavailable("the process launcher cannot be reached: \(error)", hint: hint)
            }
            return nil
        }
    }

    private var hint: String { "its log is \(LauncherOptions.log(in: options.directory))" }

    /// Exchanges greetings; nil when the launcher went away meanwhile.
    private func greet(
        _ socket: Descriptor, _ deadline: MonotonicInstant
    ) throws(RuntimeError) -> LauncherConnection? {
        let peer = capollo_peer_user(socket.number)
        guard peer == Int64(geteuid()) || peer == 0 else {
            throw .unavailable("the launcher in \(options.directory) is that of user \(peer)", hint: hint)
        }
        let ours = Greeting.current.bytes
        guard send(socket.number, ours, ours.count, Int32(MSG_NOSIGNAL)) == ours.count else { return nil }
        var theirs: [UInt8] = []
        while theirs.count < Greeting.size {
            let remaining = Int32(clamping: clock.now.duration(to: deadline).inMicroseconds / 1000)
            var waiting = pollfd(fd: socket.number, events: Int16(POLLIN), revents: 0)
            guard poll(&waiting, 1, max(0, remaining)) != 0 else {
                throw .unavailable("the process launcher in \(options.directory) does not answer", hint: hint)
            }
            var buffer = [UInt8](repeating: 0, count: Greeting.size - theirs.count)
            let count = retryingInterrupts { recv(socket.number, &buffer, buffer.count, 0) }
            guard count > 0 else { return nil }
            theirs += buffer[..<count]
        }
        // What is wrong with it does not matter: it is not a launcher.
        guard let greeting = try? Greeting(parsing: theirs) else {
            throw .unavailable("something else than a launcher listens in \(options.directory)", hint: hint)
        }
        guard greeting == .current else {
            throw .unavailable(
                "the process launcher in \(options.directory) speaks version \(greeting.version) and this Apollo "
                    + "version \(Greeting.current.version)",
                hint: "it ends by itself when its tasks have; or stop them with the Apollo that started it")
        }
        do throws(SystemError) {
            return try LauncherConnection(socket: socket, clock: clock)
        } catch {
            throw .unavailable("the process launcher cannot be used: \(error)", hint: hint)
        }
    }

    /// Starts a launcher; returns when it listens, or another does.
    private func start(_ deadline: MonotonicInstant) throws(RuntimeError) {
        let path = LauncherOptions.log(in: options.directory)
        let before: Int64
        let code: Int32
        do throws(SystemError) {
            try makeDirectories(options.directory)
            var status = stat()
            let isLong = stat(path, &status) == 0 && status.st_size > 1 << 20
            let log = try Descriptor.open(path, O_WRONLY | O_CREAT | O_APPEND | (isLong ? O_TRUNC : 0))
            before = log.size ?? 0
            code = try run(log, deadline)
        } catch {
            throw .unavailable("the process launcher cannot be started: \(error)", hint: hint)
        }
        guard code != 0 else { return }
        let said = (ControlFile.read(path) ?? "").utf8.dropFirst(Int(before))
        throw .unavailable(
            "the process launcher '\(command.joined(separator: " "))' ended with code \(code)",
            hint: said.isEmpty ? hint : String(decoding: said.prefix(500), as: UTF8.self))
    }

    /// Runs the launcher's first process to its end, and returns its exit code.
    private func run(_ log: Descriptor, _ deadline: MonotonicInstant) throws(SystemError) -> Int32 {
        let words = command + options.arguments
        let candidates = CStrings([command[0]])
        let arguments = CStrings(words)
        // What it needs to find its libraries, and nothing else of ours: no secrets lie in a parent of all tasks.
        let names = ["PATH", "LD_LIBRARY_PATH", "TZ", "SWIFT_BACKTRACE"]
        let kept = names.compactMap { (name: String) in
            getenv(name).map { "\(name)=\(String(cString: $0))" }
        }
        let environment = CStrings(kept)
        var request = capollo_spawn_request()
        request.candidates = candidates.pointer
        request.arguments = arguments.pointer
        request.environment = environment.pointer
        request.files = (-1, log.number, log.number)
        let pid = capollo_spawn(&request)
        withExtendedLifetime((candidates, arguments, environment, log)) {}
        guard pid > 0 else {
            throw SystemError(call: "execve", subject: command[0], code: request.failed_errno)
        }
        return end(of: pid, deadline)
    }

    private func end(of pid: Int32, _ deadline: MonotonicInstant) -> Int32 {
        var status: Int32 = 0
        while true {
            let ended = waitpid(pid, &status, WNOHANG)
            // Someone else in this process may have reaped it; whether it listens is tried anyhow.
            if ended < 0, errno == ECHILD { return 0 }
            if ended == pid { break }
            if clock.now >= deadline { kill(pid, SIGKILL) }
            poll(nil, 0, 1)
        }
        return status & 0x7f == 0 ? (status >> 8) & 0xff : 128 + status & 0x7f
    }
}
