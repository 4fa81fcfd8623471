import Core
import TaskRuntimes

/// Says how a container ended, in words a person can act on.
struct ExitDescription: Hashable, Sendable {
    var code: Int32
    /// The kernel killed something in it for the memory limit.
    var outOfMemory: Bool
    var memoryLimit: ByteCount?
    /// What the engine has to say.
    var error: String

    func exit(at time: Timestamp) -> AttemptExit {
        // Where a child was killed and the first process went on to end well, the attempt was not killed.
        let wasKilled = outOfMemory && code != 0
        return AttemptExit(code: code, endedAt: time, outOfMemory: wasKilled, reason: reason(wasKilled))
    }

    private func reason(_ wasKilled: Bool) -> String {
        let limit = memoryLimit.map { " (limit \($0))" } ?? ""
        if wasKilled, code == 137 { return "out of memory\(limit)" }
        if wasKilled { return "exit code \(code), after one of its processes ran out of memory\(limit)" }
        if !error.isEmpty { return "exit code \(code): \(error)" }
        if let signal = Self.signals[code - 128] { return "killed by \(signal)" }
        switch code {
        case 126: return "exit code 126: the command, or one that it ran, cannot be executed"
        case 127: return "exit code 127: the command's interpreter, or a command that it ran, was not found"
        default: return "exit code \(code)"
        }
    }

    /// signal(7), for x86-64 and arm64.
    private static let signals: [Int32: String] = [
        1: "SIGHUP", 2: "SIGINT", 3: "SIGQUIT", 4: "SIGILL", 5: "SIGTRAP", 6: "SIGABRT", 7: "SIGBUS",
        8: "SIGFPE",
        9: "SIGKILL", 10: "SIGUSR1", 11: "SIGSEGV", 12: "SIGUSR2", 13: "SIGPIPE", 14: "SIGALRM",
        15: "SIGTERM",
        24: "SIGXCPU", 25: "SIGXFSZ", 31: "SIGSYS",
    ]
}
