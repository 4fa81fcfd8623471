import Glibc

/// Names of signals as people know them (signal(7)).
public enum SignalName {
    private static let names: [Int32: String] = [
        SIGHUP: "SIGHUP", SIGINT: "SIGINT", SIGQUIT: "SIGQUIT", SIGILL: "SIGILL", SIGTRAP: "SIGTRAP",
        SIGABRT: "SIGABRT", SIGBUS: "SIGBUS", SIGFPE: "SIGFPE", SIGKILL: "SIGKILL", SIGUSR1: "SIGUSR1",
        SIGSEGV: "SIGSEGV", SIGUSR2: "SIGUSR2", SIGPIPE: "SIGPIPE", SIGALRM: "SIGALRM", SIGTERM: "SIGTERM",
        SIGCHLD: "SIGCHLD", SIGCONT: "SIGCONT", SIGSTOP: "SIGSTOP", SIGTSTP: "SIGTSTP", SIGTTIN: "SIGTTIN",
        SIGTTOU: "SIGTTOU", SIGURG: "SIGURG", SIGXCPU: "SIGXCPU", SIGXFSZ: "SIGXFSZ", SIGVTALRM: "SIGVTALRM",
        SIGPROF: "SIGPROF", SIGWINCH: "SIGWINCH", SIGIO: "SIGIO", SIGPWR: "SIGPWR", SIGSYS: "SIGSYS",
    ]
    /// Those of real time, as the C library counts them: it keeps the first two for itself.
    private static let realTime: ClosedRange<Int32> = 34...64

    /// `SIGKILL`; `signal 40` for one without a name here.
    public static func of(_ signal: Int32) -> String { names[signal] ?? "signal \(signal)" }

    /// The signal that images name (OCI image specification, `config.StopSignal`): `SIGQUIT`, `quit`, `3`, `SIGRTMIN+3`; nil for none.
    public static func number(of text: String) -> Int32? {
        if let number = Int32(text) { return (1...realTime.upperBound).contains(number) ? number : nil }
        let upper = text.uppercased()
        let name = upper.hasPrefix("SIG") ? upper : "SIG" + upper
        if let known = names.first(where: { $0.value == name }) { return known.key }
        for (prefix, first, sign) in [
            ("SIGRTMIN", realTime.lowerBound, Int32(1)), ("SIGRTMAX", realTime.upperBound, -1),
        ]
        where name.hasPrefix(prefix) {
            let rest = name.dropFirst(prefix.count)
            if rest.isEmpty { return first }
            guard rest.first == (sign > 0 ? "+" : "-"), let offset = Int32(rest.dropFirst()),
                (0...64).contains(offset)
            else { return nil }
            return realTime.contains(first + sign * offset) ? first + sign * offset : nil
        }
        return nil
    }
}
