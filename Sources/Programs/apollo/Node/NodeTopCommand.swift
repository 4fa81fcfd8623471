import Arguments
import ClusterModel
import Concurrency
import Core
import PlatformClients
import Terminal

/// `apollo node top`.
enum NodeTopCommand {
    private static let handles = Parameter.arguments(
        ValueType<String>("NODE", expecting: "a node's name or identifier") { $0.isEmpty ? nil : $0 },
        required: false, help: "The nodes; all of them if left out.")

    /// How many nodes are asked at once.
    private static let width = 16

    static let command = Command(
        "top", summary: "Show what machines are busy with",
        discussion: """
            Every machine is asked now: CPU is the share of its processors that was busy since it was asked before, LOAD how many \
            processes ran or waited over 1, 5 and 15 minutes, DISK the file system with its data. Where a worker has less than \
            its machine, as in a container, it is that. On a terminal it asks again and again; else, and as JSON, once. A \
            machine that does not answer is in the table all the same, and why is said below it.
            """,
        parameters: [handles, TaskTopCommand.once, TaskTopCommand.interval],
        examples: [
            Example("live, all machines", "apollo node top"),
            Example("one look, over five seconds", "apollo node top --once --interval 5s"),
        ],
        seeAlso: ["apollo node ls", "apollo node status", "apollo task top"]
    ) { invocation in
        let session = try Session(invocation)
        let interval = invocation[TaskTopCommand.interval]
        try TaskTopCommand.check(interval, invocation)
        let names = invocation[handles]
        let isLive = session.output.isTerminal && session.format == .table && !invocation[TaskTopCommand.once]
        try await session.withClient { client in
            let clock = LiveClock()
            // The first look is what the processors' time counts from.
            _ = try await readings(of: names, client)
            repeat {
                try await clock.sleep(for: interval)
                try show(try await readings(of: names, client), isLive, session)
            } while isLive
        }
        return .success
    }

    struct Row: Encodable, Sendable {
        var name: String
        var state: Node.State
        /// What it said now; nil where it did not.
        var metrics: NodeMetrics?
        /// Why it did not.
        var problem: String?
    }

    private static func readings(of names: [String], _ client: PlatformClient) async throws -> [Row] {
        var nodes: [Node] = []
        if names.isEmpty {
            nodes = try await client.nodes()
        } else {
            for name in names { nodes.append(try await client.node(name)) }
        }
        var rows: [Row] = []
        var rest = nodes[...]
        while !rest.isEmpty {
            let some = rest.prefix(width)
            rest = rest.dropFirst(width)
            rows += try await withThrowingTaskGroup(of: Row?.self) { group in
                for node in some { group.addTask { try await row(of: node, client) } }
                var found: [Row] = []
                for try await row in group { if let row { found.append(row) } }
                return found
            }
        }
        return rows.sorted { $0.name < $1.name }
    }

    private static func row(of node: Node, _ client: PlatformClient) async throws -> Row? {
        if node.state == .lost {
            return Row(name: node.name, state: node.state, problem: node.reason ?? "it is lost")
        }
        do {
            return Row(
                name: node.name, state: node.state, metrics: try await client.nodeMetrics(node.id.text))
        } catch let error as ApolloError where error.kind == .notFound {
            return nil  // It was forgotten meanwhile.
        } catch let error as ApolloError where [.unavailable, .deadline, .corrupt].contains(error.kind) {
            return Row(name: node.name, state: node.state, problem: error.message)
        }
    }

    private static func show(_ rows: [Row], _ isLive: Bool, _ session: Session) throws {
        if isLive {
            try session.output.write("\u{1B}[H\u{1B}[2J")  // Home, and clear (ECMA-48).
        }
        try session.output.write(rows, as: session.format, table)
        guard session.format == .table else { return }
        for row in rows {
            if let problem = row.problem {
                try session.output.write("\n\(row.name): \(problem.printable)\n")
            }
        }
    }

    private static var table: Table<Row> {
        Table([
            Column("NAME") { $0.name },
            Column("STATE", style: { $0.state == .ready ? .green : .red }) { $0.state.rawValue },
            Column("CPU", .right) { $0.metrics.map(NodeText.busy) },
            Column("LOAD", .right) { $0.metrics.flatMap(NodeText.load) },
            Column("MEMORY", .right) { $0.metrics.map(NodeText.memory) },
            Column("DISK", .right) { $0.metrics.map(NodeText.disk) },
            Column("GPUS") { $0.metrics.flatMap(NodeText.gpus) },
            Column("ATTEMPTS", .right) { $0.metrics.map { "\($0.tasks)" } },
        ])
    }
}
