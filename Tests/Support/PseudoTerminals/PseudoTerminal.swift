import CApollo
import Concurrency
import Core
import Glibc

/// A program on a terminal of its own, as a person at a keyboard meets it.
public final class PseudoTerminal {
    private let master: Int32
    private let process: pid_t
    private var isReaped = false
    /// Everything the program has written, as the terminal gets it.
    public var transcript: String { String(decoding: written, as: UTF8.self) }
    private var written: [UInt8] = []
    private var unread: [UInt8] = []

    /// Starts `words` (the first an absolute path) on a terminal of `columns` by `rows`.
    public init(
        _ words: [String], variables: [String: String] = [:], columns: UInt16 = 80, rows: UInt16 = 24
    ) throws {
        var name = [CChar](repeating: 0, count: 128)
        master = try checked(
            "posix_openpt", capollo_open_terminal(columns, rows, &name, UInt(name.count)))
        let path = name.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
        // The leader of a session without a terminal gets the one it opens first (tty(4)).
        process = try spawn(words, variables, newSession: true) { actions in
            posix_spawn_file_actions_addopen(&actions, 0, path, O_RDWR, 0)
            posix_spawn_file_actions_adddup2(&actions, 0, 1)
            posix_spawn_file_actions_adddup2(&actions, 0, 2)
        }
    }

    deinit {
        if !isReaped {
            kill(process, SIGKILL)
            var status: Int32 = 0
            waitpid(process, &status, 0)
        }
        close(master)
    }

    /// Types `text`.
    public func type(_ text: String) throws {
        let bytes = Array(text.utf8)
        _ = try checked("write", Int32(write(master, bytes, bytes.count)))
    }

    /// Reads until `text` is written; returns what was written since the last call, with it.
    public func read(until text: String, seconds: Int64 = 20) throws -> String {
        let deadline = now() + seconds * 1000
        while true {
            if let found = unread.firstRange(of: Array(text.utf8)) {
                defer { unread.removeSubrange(..<found.upperBound) }
                return String(decoding: unread[..<found.upperBound], as: UTF8.self)
            }
            guard try readSome(until: deadline) else {
                throw Unanswered(wanted: text, transcript: String(decoding: unread, as: UTF8.self))
            }
        }
    }

    /// Reads to the end and returns the exit status, 128 and the signal's number where one ended it.
    public func finish(seconds: Int64 = 30) throws -> Int32 {
        let deadline = now() + seconds * 1000
        while try readSome(until: deadline) {}
        guard now() < deadline else { throw Unanswered(wanted: "the end", transcript: transcript) }
        isReaped = true
        return wait(for: process)
    }

    public func resize(columns: UInt16, rows: UInt16) throws {
        _ = try checked("TIOCSWINSZ", capollo_set_terminal_size(master, columns, rows))
    }

    /// False at the end of the program, or of the time.
    private func readSome(until deadline: Int64) throws -> Bool {
        guard let bytes = try readAvailable(master, until: deadline) else { return false }
        written += bytes
        unread += bytes
        return !bytes.isEmpty
    }
}

/// A program that did not write what was awaited.
public struct Unanswered: Error {
    public var wanted: String
    public var transcript: String
}

public struct SystemFailure: Error {
    public var call: String
    public var code: Int32
}

/// What a program wrote and how it ended.
public struct Finished: Sendable {
    public var output: String
    public var errors: String
    public var status: Int32
}

/// Runs `words` (the first an absolute path) without a terminal.
public func runProgram(
    _ words: [String], variables: [String: String] = [:], seconds: Int64 = 30
) throws -> Finished {
    var (output, errors): ([Int32], [Int32]) = ([0, 0], [0, 0])
    let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
    _ = try checked("socketpair", socketpair(AF_UNIX, kind, 0, &output))
    _ = try checked("socketpair", socketpair(AF_UNIX, kind, 0, &errors))
    defer { for descriptor in [output[0], errors[0]] { close(descriptor) } }
    let (outputEnd, errorsEnd) = (output[1], errors[1])
    let process = try spawn(words, variables, newSession: false) { actions in
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, outputEnd, 1)
        posix_spawn_file_actions_adddup2(&actions, errorsEnd, 2)
    }
    close(outputEnd)
    close(errorsEnd)
    let deadline = now() + seconds * 1000
    var (outputBytes, errorBytes): ([UInt8], [UInt8]) = ([], [])
    while let bytes = try readAvailable(output[0], until: deadline), !bytes.isEmpty { outputBytes += bytes }
    while let bytes = try readAvailable(errors[0], until: deadline), !bytes.isEmpty { errorBytes += bytes }
    if now() >= deadline { kill(process, SIGKILL) }
    return Finished(
        output: String(decoding: outputBytes, as: UTF8.self),
        errors: String(decoding: errorBytes, as: UTF8.self),
        status: wait(for: process))
}

/// The program `name` that was built beside the running tests.
public func builtProgram(_ name: String) throws -> String {
    var buffer = [UInt8](repeating: 0, count: 4096)
    let count = buffer.withUnsafeMutableBytes { bytes in
        readlink("/proc/self/exe", bytes.baseAddress!.assumingMemoryBound(to: CChar.self), bytes.count)
    }
    _ = try checked("readlink", Int32(count))
    let path = String(decoding: buffer[..<count], as: UTF8.self)
    let folder = path.split(separator: "/").dropLast().joined(separator: "/")
    return "/\(folder)/\(name)"
}

// MARK: System calls

private func checked(_ call: String, _ result: Int32) throws -> Int32 {
    guard result >= 0 else { throw SystemFailure(call: call, code: errno) }
    return result
}

/// Milliseconds of a clock that never jumps.
private func now() -> Int64 { Environment.live.clock.now.nanoseconds / 1_000_000 }

private func spawn(
    _ words: [String], _ variables: [String: String], newSession: Bool,
    _ prepare: (inout posix_spawn_file_actions_t) -> Void
) throws -> pid_t {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    prepare(&actions)
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    if newSession { posix_spawnattr_setflags(&attributes, capollo_spawn_in_new_session()) }
    let arguments = words.map { strdup($0) } + [nil]
    let environment = variables.map { strdup("\($0)=\($1)") } + [nil]
    defer { for pointer in arguments + environment { free(pointer) } }
    var process = pid_t()
    let result = posix_spawn(&process, words[0], &actions, &attributes, arguments, environment)
    guard result == 0 else { throw SystemFailure(call: "posix_spawn \(words[0])", code: result) }
    return process
}

/// Some bytes; none at the end; nil once the time is over.
private func readAvailable(_ descriptor: Int32, until deadline: Int64) throws -> [UInt8]? {
    while true {
        let remaining = deadline - now()
        guard remaining > 0 else { return nil }
        var request = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        let ready = poll(&request, 1, Int32(remaining))
        if ready == 0 || (ready < 0 && errno == EINTR) { continue }
        var buffer = [UInt8](repeating: 0, count: 65536)
        let count = Glibc.read(descriptor, &buffer, buffer.count)
        if count >= 0 { return Array(buffer[..<count]) }
        // EIO: every program on the terminal is gone.
        if errno == EIO { return [] }
        if errno != EINTR { throw SystemFailure(call: "read", code: errno) }
    }
}

private func wait(for process: pid_t) -> Int32 {
    var status: Int32 = 0
    while waitpid(process, &status, 0) < 0, errno == EINTR {}
    return status & 0x7F == 0 ? (status >> 8) & 0xFF : 128 + (status & 0x7F)
}
