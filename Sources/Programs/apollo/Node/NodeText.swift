import ClusterModel
import Core

/// What machines are busy with, in words for tables.
enum NodeText {
    static func busy(_ metrics: NodeMetrics) -> String { percent(metrics.cpuBusy) }

    static func load(_ metrics: NodeMetrics) -> String? {
        metrics.load.isEmpty ? nil : metrics.load.map { "\($0)" }.joined(separator: " ")
    }

    static func memory(_ metrics: NodeMetrics) -> String {
        "\(metrics.memoryUsed.rounded) of \(metrics.memoryTotal.rounded)"
    }

    static func disk(_ metrics: NodeMetrics) -> String {
        "\(metrics.diskUsed.rounded) of \(metrics.diskTotal.rounded)"
    }

    /// `2: 35 %, 40Gi of 80Gi`: how many, how busy they are on the average, and their memory in all; nil for none.
    static func gpus(_ metrics: NodeMetrics) -> String? {
        guard !metrics.gpus.isEmpty else { return nil }
        let shares = metrics.gpus.compactMap(\.busy)
        let busy = shares.isEmpty ? "-" : percent(shares.reduce(0, +) / Double(shares.count))
        let used = ByteCount(metrics.gpus.reduce(0) { $0 + $1.memoryUsed.bytes })
        let total = ByteCount(metrics.gpus.reduce(0) { $0 + $1.memoryTotal.bytes })
        return "\(metrics.gpus.count): \(busy), \(used.rounded) of \(total.rounded)"
    }

    /// `NVIDIA A100, 40Gi, GPU-5a0c…: 35 %, 1Gi in use`.
    static func gpu(_ gpu: GPU, _ metrics: NodeMetrics?) -> String {
        let text = "\(gpu.name.printable), \(gpu.memory), \(gpu.uuid.printable)"
        if gpu.isMissing == true { return "\(text): not there any more, and a task still has it" }
        guard let now = metrics?.gpus.first(where: { $0.uuid == gpu.uuid }) else { return text }
        return "\(text): \(now.busy.map(percent) ?? "-"), \(now.memoryUsed.rounded) in use"
    }

    static func percent(_ share: Double) -> String { "\(Int((share * 100).rounded())) %" }
}
