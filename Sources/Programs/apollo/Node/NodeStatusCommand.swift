import Arguments
import ClusterModel
import Core
import PlatformClients
import Terminal

/// `apollo node status`.
enum NodeStatusCommand {
    static let handle = Parameter.argument(
        ValueType<String>("NODE", expecting: "a node's name or identifier") { $0.isEmpty ? nil : $0 },
        help: "The node, by its name or identifier.")

    static let command = Command(
        "status", aliases: ["inspect"],
        summary: "Show all about one node: its state, why, and what it is busy with", parameters: [handle],
        examples: [Example("how is it?", "apollo node status worker-1")],
        seeAlso: ["apollo node ls", "apollo node top"]
    ) { invocation in
        let session = try Session(invocation)
        let node = try await session.withClient { try await $0.node(invocation[handle]) }
        guard session.format == .table else {
            try session.output.writeJSON(node)
            return .success
        }
        try session.output.write(fields: fields(node, now: session.now))
        return .success
    }

    private static func fields(_ node: Node, now: Timestamp) -> [(name: String, text: String?)] {
        var fields: [(name: String, text: String?)] = [
            ("Name", node.name), ("Identifier", node.id.text), ("State", node.state.rawValue),
            ("Reason", node.reason?.printable),
            ("Tasks", "\(node.allocated.tasks) of \(node.capacity.tasks)"),
            ("CPU", "\(cores(node.allocated.cpuMillis)) of \(cores(node.capacity.cpuMillis)) asked for"),
            ("Memory", "\(node.allocated.memory) of \(node.capacity.memory) asked for"),
        ]
        if let gpus = node.gpus, !gpus.isEmpty {
            fields.append(("GPUs", "\(node.allocated.gpus) of \(node.capacity.gpus) given out"))
            fields += gpus.map { ("GPU \($0.index)", NodeText.gpu($0, node.metrics)) }
        }
        if let metrics = node.metrics {
            let load = metrics.load.map { "\($0)" }.joined(separator: ", ")
            fields += [
                ("Busy", "\(NodeText.busy(metrics)) of the CPU, load \(load)"),
                ("In use", "\(metrics.memoryUsed) of \(metrics.memoryTotal) memory"),
                ("Disk", "\(metrics.diskUsed) of \(metrics.diskTotal)"),
                ("Running", "\(metrics.tasks) \(metrics.tasks == 1 ? "attempt" : "attempts")"),
                ("Seen", "\(metrics.takenAt) (\(metrics.takenAt.duration(to: now).short) ago)"),
            ]
        }
        if node.state != .lost, let problem = node.metricsProblem {
            fields.append(("Not said", problem.printable))
        }
        fields += [
            ("Ports", node.ports.map { "\($0) to choose from" }), ("Labels", labels(node)),
            ("Architecture", node.architecture), ("System", node.operatingSystem),
            ("Apollo", node.version),
        ]
        for runtime in node.runtimes {
            let text = runtime.isAvailable ? runtime.detail : "none: \(runtime.detail)"
            fields.append((runtime.kind.title, text.printable))
        }
        return fields
    }

    static func labels(_ node: Node) -> String? {
        node.labels.isEmpty
            ? nil
            : node.labels.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: ",")
    }

    static func cores(_ millis: Int64) -> String {
        millis % 1000 == 0 ? "\(millis / 1000)" : "\(Double(millis) / 1000)"
    }
}
