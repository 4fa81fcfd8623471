import ClusterModel
import Core
import Terminal

/// How parts of a task are shown to people.
enum TaskText {
    static func style(_ state: TaskState) -> Style? {
        switch state {
        case .running, .completed: .green
        case .failed: .red
        case .pending, .scheduled, .stopping, .suspended: .yellow
        case .stopped: nil
        }
    }

    static func style(_ health: Health?) -> Style? {
        switch health?.state {
        case .healthy: .green
        case .unhealthy: .red
        case .starting: .yellow
        case nil: nil
        }
    }

    /// `127.0.0.1:8080->80`, or nil for none.
    static func ports(_ ports: [PortMapping]) -> String? {
        guard !ports.isEmpty else { return nil }
        return ports.map { port in
            let host = port.host.map { "\(port.address):\($0)->" } ?? ""
            return "\(host)\(port.container)\(port.transport == .udp ? "/udp" : "")"
        }.joined(separator: ", ")
    }

    /// `0 (GPU-5a0c…), 1 (GPU-77b1…)`, or nil for none.
    static func gpus(_ gpus: [AssignedGPU]?) -> String? {
        guard let gpus, !gpus.isEmpty else { return nil }
        return gpus.map {
            "\($0.index) (\($0.uuid.printable)\($0.isMissing == true ? ", not there any more" : ""))"
        }.joined(separator: ", ")
    }

    /// The limits that are set, or nil.
    static func limits(_ resources: Resources) -> String? {
        var parts: [String] = []
        if let cpu = resources.cpuMillis {
            parts.append("cpu \(plain(Double(cpu) / 1000))")
        }
        if let memory = resources.memory { parts.append("memory \(memory)") }
        if let disk = resources.disk { parts.append("disk \(disk)") }
        if let gpus = resources.gpus, gpus > 0 { parts.append("gpus \(gpus)") }
        if let processes = resources.processes { parts.append("processes \(processes)") }
        return parts.isEmpty ? nil : parts.joined(separator: ", ")
    }

    /// `healthy for 3m, GET :8080/ answered 200`, or nil where it is not probed.
    static func health(_ health: Health?, now: Timestamp) -> String? {
        health.map { "\($0.state.rawValue) for \($0.since.duration(to: now).short): \($0.reason)" }
    }

    /// What is probed, and when.
    static func check(_ check: HealthCheck?) -> String? {
        guard let check else { return nil }
        var what: [String] = []
        if let http = check.http {
            let status =
                http.status.isEmpty ? "" : " for \(http.status.map { "\($0)" }.joined(separator: ", "))"
            what.append("GET \(http.port.map { ":\($0)" } ?? "")\(http.path)\(status)")
        }
        if let tcp = check.tcp { what.append("connecting\(tcp.port.map { " to :\($0)" } ?? "")") }
        if let exec = check.exec { what.append("running \(exec.command.joined(separator: " "))") }
        return
            "\(what.joined(separator: ", ")) every \(check.interval.duration.short), \(check.timeout.duration.short) "
            + "at most, unhealthy after \(check.retries) failures, the first \(check.startPeriod.duration.short) left out"
    }

    static func restart(_ policy: RestartPolicy) -> String? {
        guard policy.mode != .never else { return nil }
        let bound = policy.attempts.map { " (at most \($0) times)" } ?? ""
        let place = policy.sameNode.map { ", elsewhere after \($0) on the same node" } ?? ""
        let window = policy.window.map { ", forgotten after a run of \($0.duration.short)" } ?? ""
        return
            "\(policy.mode.rawValue)\(bound), first after \(policy.wait.duration.short), each next \(plain(policy.factor)) times that, at most \(policy.maximumWait.duration.short)\(window)\(place)"
    }

    /// Without a fraction where it has none.
    private static func plain(_ number: Double) -> String {
        number.rounded() == number ? "\(Int64(number))" : "\(number)"
    }

    static func command(_ spec: TaskSpec) -> String? {
        let words = [spec.executable].compactMap { $0 } + spec.command
        guard !words.isEmpty else { return nil }
        return words.map { word in
            let isPlain =
                !word.isEmpty && word.allSatisfy { $0.isLetter || $0.isNumber || "-_./:=,@%+".contains($0) }
            return isPlain
                ? word
                : "'"
                    + word.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''")
                    + "'"
        }.joined(separator: " ")
    }
}
