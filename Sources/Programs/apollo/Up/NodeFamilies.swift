import ClusterModel
import Core
import Managers
import Telemetry

/// What machines said last of what they are busy with, as metrics: `apollo_node_…`, each with the name of its node.
enum NodeFamilies {
    static func register(_ manager: Manager, _ clock: any WallClock, in registry: MetricsRegistry) {
        registry.collect { exposition in
            write(manager.nodes().sorted { $0.name < $1.name }, now: clock.now, to: &exposition)
        }
    }

    private static func write(_ nodes: [Node], now: Timestamp, to exposition: inout Exposition) {
        func family(
            _ name: String, _ help: String, _ values: (Node) -> [(labels: [(String, String)], value: Double)]
        ) {
            exposition.family(name: "apollo_node_\(name)", help: help, kind: "gauge")
            for node in nodes {
                for (labels, value) in values(node) {
                    exposition.sample(
                        Exposition.Series(
                            name: "apollo_node_\(name)", labels: [("node", node.name)] + labels),
                        value)
                }
            }
        }
        // What a lost machine said is no figure of now.
        func measured(_ name: String, _ help: String, _ value: (NodeMetrics) -> Double?) {
            family(name, help) { node in
                guard node.state != .lost, let value = node.metrics.flatMap(value) else { return [] }
                return [([], value)]
            }
        }
        func gpus(_ name: String, _ help: String, _ value: (GPUMetrics) -> Double?) {
            family(name, help) { node in
                guard node.state != .lost else { return [] }
                return (node.metrics?.gpus ?? []).compactMap { gpu in
                    value(gpu).map { ([("gpu", "\(gpu.index)")], $0) }
                }
            }
        }
        family("up", "1 while the lease of the node holds, 0 while it is lost.") {
            [([], $0.state == .lost ? 0 : 1)]
        }
        measured("metrics_age_seconds", "How long ago the node said what the others tell.") {
            max(0, $0.takenAt.duration(to: now).inSeconds)
        }
        measured("cpu_busy_ratio", "The share of its processors that was busy.") { $0.cpuBusy }
        for (index, minutes) in [1, 5, 15].enumerated() {
            measured("load\(minutes)", "Processes that ran or waited, over \(minutes) min.") {
                $0.load.indices.contains(index) ? $0.load[index] : nil
            }
        }
        measured("memory_used_bytes", "Memory in use.") { Double($0.memoryUsed.bytes) }
        measured("memory_bytes", "Memory that there is.") { Double($0.memoryTotal.bytes) }
        measured("disk_used_bytes", "Of the file system with the worker's data.") {
            Double($0.diskUsed.bytes)
        }
        measured("disk_bytes", "The size of that file system.") { Double($0.diskTotal.bytes) }
        measured("running_attempts", "Attempts that run on it.") { Double($0.tasks) }
        gpus("gpu_busy_ratio", "The share of the time that something ran on a GPU.") { $0.busy }
        gpus("gpu_memory_used_bytes", "A GPU's memory in use.") { Double($0.memoryUsed.bytes) }
        gpus("gpu_memory_bytes", "A GPU's memory.") { Double($0.memoryTotal.bytes) }
    }
}
