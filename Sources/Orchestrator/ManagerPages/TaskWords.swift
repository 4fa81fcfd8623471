import ClusterModel
import Core

/// How tasks are put into words on pages.
enum TaskWords {
    /// Something that happened to a task.
    struct Happening {
        var time: Timestamp
        var task: String
        var what: String
    }

    /// What it runs: its image, or its executable.
    static func runs(_ spec: TaskSpec) -> String { spec.image ?? spec.executable ?? "" }

    static func happenings(_ record: TaskRecord) -> [Happening] {
        func happening(_ time: Timestamp, _ what: String) -> Happening {
            Happening(time: time, task: record.name, what: what)
        }
        var all = [happening(record.createdAt, "submitted by \(record.createdBy)")]
        for attempt in record.attempts {
            let number = record.attemptCount > 1 ? "attempt \(attempt.number) " : ""
            if let started = attempt.startedAt { all.append(happening(started, "\(number)started")) }
            if let ended = attempt.endedAt {
                all.append(
                    happening(ended, "\(number)ended: \(attempt.reason ?? attempt.outcome?.rawValue ?? "")"))
            }
        }
        return all
    }

    static func command(_ spec: TaskSpec) -> String? {
        let words = [spec.executable].compactMap { $0 } + spec.command
        guard !words.isEmpty else { return nil }
        return words.map { $0.isEmpty || $0.contains(" ") ? "\"\($0)\"" : $0 }.joined(separator: " ")
    }

    static func limits(_ resources: Resources) -> String? {
        var parts: [String] = []
        if let cpu = resources.cpuMillis { parts.append("\(Double(cpu) / 1000) cores") }
        if let memory = resources.memory { parts.append("\(memory) of memory") }
        if let disk = resources.disk { parts.append("\(disk) of disk") }
        if let gpus = resources.gpus { parts.append(gpus == 1 ? "1 GPU" : "\(gpus) GPUs") }
        if let processes = resources.processes { parts.append("\(processes) processes") }
        return parts.isEmpty ? nil : parts.joined(separator: ", ")
    }

    static func gpus(_ gpus: [AssignedGPU]) -> String? {
        guard !gpus.isEmpty else { return nil }
        return gpus.map { "\($0.index) (\($0.uuid)\($0.isMissing == true ? ", not there any more" : ""))" }
            .joined(separator: ", ")
    }

    static func ports(_ ports: [PortMapping]) -> String? {
        guard !ports.isEmpty else { return nil }
        return ports.map { port in
            let host = port.host.map { "\(port.address):\($0) to " } ?? ""
            return "\(host)\(port.container)\(port.transport == .udp ? "/udp" : "")"
        }.joined(separator: ", ")
    }
}
