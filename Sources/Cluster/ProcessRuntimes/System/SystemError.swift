import Glibc

/// A system call that failed, on what.
struct SystemError: Error, Hashable, CustomStringConvertible {
    var call: String
    var subject: String
    var code: Int32

    /// The failure that `errno` tells of now.
    static func last(_ call: String, _ subject: String) -> SystemError {
        SystemError(call: call, subject: subject, code: errno)
    }

    var description: String { "\(call) \(subject): \(Self.text(code))" }

    static func text(_ code: Int32) -> String { String(cString: strerror(code)) }
}

/// Repeats a system call that a signal interrupted.
func retryingInterrupts<Result: SignedInteger>(_ call: () -> Result) -> Result {
    while true {
        let result = call()
        if result != -1 || errno != EINTR { return result }
    }
}
