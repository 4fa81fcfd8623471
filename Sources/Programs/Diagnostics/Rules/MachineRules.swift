import Core

extension Diagnosis {
    static func network(loopback: Bool, forwards: Bool?) -> [Finding] {
        guard loopback else {
            return [
                Finding(
                    "network", .problem, "127.0.0.1 cannot be reached",
                    meaning: "The command line cannot talk to a platform on this machine.",
                    fix: "sudo ip link set lo up")
            ]
        }
        if forwards == false {
            return [
                Finding(
                    "network", .warning, "the kernel does not forward packets (net.ipv4.ip_forward is 0)",
                    meaning: "Containers reach no other network; engines switch it on when they start.",
                    fix: "sudo sysctl net.ipv4.ip_forward=1")
            ]
        }
        return [.ok("network", "loopback works" + (forwards == true ? ", packets are forwarded" : ""))]
    }

    static func ports(
        _ ports: [MachineFacts.Port], platform: MachineFacts.PlatformState?
    ) -> [Finding] {
        var runs = false
        if case .answers = platform { runs = true }
        let taken = ports.filter { $0.holder != .nobody }
        let ours = taken.filter { runs && ($0.holder.isApollo || $0.holder == .unknown) }
        let foreign = taken.filter { !ours.contains($0) }
        guard foreign.isEmpty else {
            return foreign.map { port in
                // A platform that runs has its port already; the others come with later parts.
                Finding(
                    "ports", .warning, "port \(port.number) is taken by \(port.holder.text)",
                    meaning: "It is where \(port.purpose) would be.",
                    fix: port.purpose == MachineFacts.Port.everything
                        ? "apollo up --port \(port.number &+ 1000), or stop that program"
                        : "stop that program, if you want to use it for Apollo")
            }
        }
        let numbers = ports.map { "\($0.number)" }.joined(separator: ", ")
        guard ours.isEmpty else {
            return [
                .ok("ports", "\(ours.map { "\($0.number)" }.joined(separator: ", ")) taken by Apollo itself")
            ]
        }
        return [.ok("ports", "\(numbers) are free")]
    }

    static func clock(_ clock: MachineFacts.ClockState) -> [Finding] {
        // Before this program was written.
        guard clock.now > Timestamp(microseconds: 1_735_689_600_000_000) else {
            return [
                Finding(
                    "clock", .problem, "it is \(clock.now), says the clock",
                    meaning: "Certificates and tokens would not be valid.",
                    fix: "sudo timedatectl set-ntp true")
            ]
        }
        switch clock.isSynchronised {
        case true: return [.ok("clock", "synchronised")]
        case nil: return [.ok("clock", "the kernel does not say whether it is synchronised")]
        default:
            return [
                Finding(
                    "clock", .warning, "not synchronised",
                    meaning: "It drifts; tokens and certificates of other machines may seem expired.",
                    fix: "sudo apt-get install systemd-timesyncd (or chrony)")
            ]
        }
    }

    static func limits(_ limits: MachineFacts.ProcessLimits) -> [Finding] {
        var findings: [Finding] = []
        if let files = limits.files, files < 4096 {
            findings.append(
                Finding(
                    "limits", files < 1024 ? .problem : .warning, "at most \(files) open files",
                    meaning: "A connection, a running task and a log being read take one each.",
                    fix: "LimitNOFILE= in the unit, or 'nofile' in /etc/security/limits.conf"))
        }
        if let processes = limits.processes, processes < 1024 {
            findings.append(
                Finding(
                    "limits", .warning, "at most \(processes) processes",
                    meaning: "Tasks that run as this user count, too.",
                    fix: "LimitNPROC= in the unit, or 'nproc' in /etc/security/limits.conf"))
        }
        guard findings.isEmpty else { return findings }
        func text(_ limit: UInt64?) -> String { limit.map { "\($0)" } ?? "unlimited" }
        return [.ok("limits", "\(text(limits.files)) open files, \(text(limits.processes)) processes")]
    }

    static func certificate(_ certificate: MachineFacts.Certificate, at now: Timestamp?) -> [Finding] {
        switch certificate {
        case .unreadable(let reason):
            return [
                Finding(
                    "certificate", .problem, reason, meaning: "'apollo up' cannot start with it.",
                    fix: "see http.tls.certificate: apollo config show")
            ]
        case .expires(let file, let end, let isOwn):
            let fix =
                isOwn
                ? "apollo up renews it while it runs: see its log"
                : "renew it; a running platform takes it up by itself"
            guard let now else { return [.ok("certificate", "\(file) is valid until \(end)")] }
            let days = now.duration(to: end).components.seconds / 86400
            if now >= end {
                return [
                    Finding(
                        "certificate", .problem, "\(file) expired on \(end)",
                        meaning: "Clients refuse to talk to this platform.",
                        fix: fix)
                ]
            }
            // The platform's own is renewed when 10 of its 30 days are left.
            guard days < (isOwn ? 9 : 21) else {
                return [.ok("certificate", "\(file) is valid for \(days) more days")]
            }
            return [
                Finding(
                    "certificate", .warning, "\(file) expires on \(end)",
                    meaning: "Clients will refuse to talk to this platform then.",
                    fix: fix)
            ]
        }
    }

    static func libraries(_ libraries: [LibraryVersion]) -> [Finding] {
        let other = libraries.filter { series($0.built) != series($0.running) }
        guard other.isEmpty else {
            return other.map {
                Finding(
                    "libraries", .warning, "\($0.name) is \($0.running); Apollo was built with \($0.built)",
                    meaning: "It should work, and was not tested so.",
                    fix: "install the package of Apollo for this release of Debian")
            }
        }
        return [.ok("libraries", libraries.map { "\($0.name) \($0.running)" }.joined(separator: ", "))]
    }

    /// A release that only mends (3.0.19 after 3.0.15) is the same for a program.
    private static func series(_ version: String) -> [Substring] {
        Array(version.split(separator: ".").prefix(2))
    }

    static func platform(_ state: MachineFacts.PlatformState, version: String) -> [Finding] {
        switch state {
        case .none:
            return [.ok("platform", "none runs on this data directory; this program is apollo \(version)")]
        case .silent(let address, let reason):
            return [
                Finding(
                    "platform", .problem, "none answers at \(address): \(reason)",
                    meaning: "Commands for it fail. Tasks of a platform that was killed run on.",
                    fix: "apollo up, or name another platform with --address")
            ]
        case .answers(let answer): return platform(answer, version)
        }
    }

    private static func platform(
        _ answer: MachineFacts.PlatformState.Answer, _ version: String
    ) -> [Finding] {
        var findings: [Finding] = []
        if !answer.stores {
            findings.append(
                Finding(
                    "platform", .problem, "the one at \(answer.address) cannot store anything",
                    meaning: "Every change is refused; what runs, runs on.",
                    fix: "see its log for the reason: a full disk, most often"))
        }
        if let theirs = answer.version, theirs != version {
            findings.append(
                Finding(
                    "platform", .warning, "apollo \(theirs) answers at \(answer.address), this is \(version)",
                    meaning: "One of them knows things that the other does not.",
                    fix: "install the same version here and there"))
        }
        if let skew = answer.skew, skew > .seconds(5) || skew < .seconds(-5) {
            let seconds = skew.components.seconds
            findings.append(
                Finding(
                    "platform", .warning,
                    "its clock is \(abs(seconds)) s \(seconds > 0 ? "ahead of" : "behind") this machine's",
                    meaning: "Ages and times of tasks look wrong, and tokens expire at the wrong time.",
                    fix: "synchronise both: sudo timedatectl set-ntp true"))
        }
        guard findings.isEmpty else { return findings }
        let told = answer.version.map { "apollo \($0)" } ?? "a platform (its token is not this user's)"
        return [.ok("platform", "\(told) answers at \(answer.address)")]
    }
}

extension MachineFacts.Port {
    /// The purpose of the one port that cannot be done without.
    public static let everything = "everything that people and programs use"
}

extension MachineFacts.Port.Holder {
    var isApollo: Bool {
        if case .process(_, "apollo") = self { true } else { false }
    }

    var text: String {
        switch self {
        case .nobody: "nobody"
        case .process(let id, let name): "process \(id) (\(name))"
        case .unknown: "a program of another user"
        }
    }
}
