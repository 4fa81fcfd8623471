import Arguments
import ClusterModel
import Core
import PlatformClients
import Terminal

/// `apollo node`.
enum NodeCommand {
    static let command = Command(
        "node", summary: "Look at the machines, and take them out of service",
        subcommands: [
            list, NodeStatusCommand.command, NodeOrderCommands.cordon, NodeOrderCommands.uncordon,
            NodeOrderCommands.drain, NodeOrderCommands.label, NodeOrderCommands.remove,
            NodeTokenCommand.command, NodeJoinCommand.join, NodeJoinCommand.renew,
        ])

    private static let managers = Parameter.flag(
        "managers", help: "The managers instead: who leads, since when, and when each was seen last.")

    private static let list = Command(
        "ls", aliases: ["list"],
        summary: "List nodes: what they have, what is taken, which runtimes they offer",
        parameters: [managers],
        examples: [
            Example("what can run here", "apollo node ls"),
            Example("who leads", "apollo node ls --managers"),
        ]
    ) { invocation in
        let session = try Session(invocation)
        if invocation[managers] { return try await ManagerTable.write(session) }
        let nodes = try await session.withClient { try await $0.nodes() }
        try session.output.write(nodes, as: session.format, table)
        guard session.format == .table else { return .success }
        for node in nodes {
            if let reason = node.reason {
                try session.output.write("\n\(node.name) is \(node.state.rawValue): \(reason.printable)\n")
            }
        }
        // What cannot be used says why below the table: a cell has no room for it.
        for node in nodes {
            for runtime in node.runtimes where !runtime.isAvailable {
                try session.output.write(
                    "\n\(node.name): no \(runtime.kind.rawValue): \(runtime.detail.printable)\n")
            }
        }
        return .success
    }

    private static let table = Table<Node>([
        Column("NAME") { $0.name },
        Column("STATE", style: { $0.state == .ready ? .green : .red }) { $0.state.rawValue },
        Column("TASKS", .right) { "\($0.allocated.tasks)" },
        Column("CPU", .right) {
            "\(NodeStatusCommand.cores($0.allocated.cpuMillis)) of \(NodeStatusCommand.cores($0.capacity.cpuMillis))"
        },
        Column("MEMORY", .right) { "\($0.allocated.memory) of \($0.capacity.memory)" },
        Column("GPUS", .right) { $0.capacity.gpus == 0 ? "" : "\($0.allocated.gpus) of \($0.capacity.gpus)" },
        Column("LABELS") { NodeStatusCommand.labels($0) },
        Column("RUNTIMES") { node in
            node.runtimes.filter(\.isAvailable).map { "\($0.kind.rawValue) (\($0.detail))" }.joined(
                separator: ", ")
        },
    ])
}
