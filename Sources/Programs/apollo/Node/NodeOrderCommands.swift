import APIMessages
import Arguments
import ClusterModel
import Concurrency
import Core
import PlatformClients
import Terminal

/// `apollo node cordon`, `uncordon`, `drain`, `label` and `rm`.
enum NodeOrderCommands {
    private static let handle = NodeStatusCommand.handle
    private static let grace = Parameter.option(
        "grace", .duration, help: "Between SIGTERM and SIGKILL; each task's own --stop-grace if left out.")
    private static let deadline = Parameter.option(
        "deadline", .duration, help: "After this time what is still there is killed, whatever grace it has.")
    private static let wait = Parameter.flag(
        "wait", default: true, help: "Return only when the node has no tasks left.")
    private static let changes = Parameter.arguments(
        ValueType<String>("LABEL=VALUE|LABEL-", expecting: "LABEL=VALUE to set one, LABEL- to remove one") {
            let name = $0.prefix { $0 != "=" }
            return name.isEmpty || name == "-" || !($0.contains("=") || $0.hasSuffix("-")) ? nil : $0
        }, required: true, help: "LABEL=VALUE sets a label, LABEL- removes one.")

    static let cordon = Command(
        "cordon", summary: "Let a node take no new tasks",
        discussion: "Those it has run on. It stays so until 'apollo node uncordon', also over restarts.",
        parameters: [handle], seeAlso: ["apollo node drain", "apollo node uncordon"]
    ) { invocation in
        try await order(invocation) { try await $0.cordon(invocation[handle]) }
    }

    static let uncordon = Command(
        "uncordon", summary: "Let a node take tasks again", parameters: [handle],
        seeAlso: ["apollo node cordon", "apollo node drain"]
    ) { invocation in
        try await order(invocation) { try await $0.uncordon(invocation[handle]) }
    }

    static let drain = Command(
        "drain", summary: "Move the tasks of a node elsewhere, and wait until they have left",
        discussion: """
            Each task is stopped, and started on another node as soon as there is room. The node takes no tasks until \
            'apollo node uncordon', also over restarts.
            """,
        parameters: [handle, grace, deadline, wait],
        examples: [
            Example("before it is switched off", "apollo node drain worker-1"),
            Example("in ten minutes at most", "apollo node drain worker-1 --deadline 10m"),
        ],
        seeAlso: ["apollo node uncordon", "apollo node rm"]
    ) { invocation in
        let environment = Environment.live
        return try await order(invocation) { client in
            var node = try await client.drain(
                invocation[handle],
                DrainRequest(
                    grace: invocation[grace].map { Seconds($0.inSeconds) },
                    deadline: invocation[deadline].map { Seconds($0.inSeconds) }))
            while invocation[wait], node.state == .draining {
                try await environment.clock.sleep(for: .milliseconds(200))
                node = try await client.node(invocation[handle])
            }
            return node
        }
    }

    static let label = Command(
        "label", summary: "Set and remove labels of a node",
        discussion:
            "For constraints and preferences of tasks. They count beside those of its worker, and in their place.",
        parameters: [handle, changes],
        examples: [Example("another zone, and no disk", "apollo node label worker-1 zone=b disk-")],
        seeAlso: ["apollo task run"]
    ) { invocation in
        var request = LabelRequest()
        for change in invocation[changes] {
            if let equals = change.firstIndex(of: "=") {
                request.set[String(change[..<equals])] = String(change[change.index(after: equals)...])
            } else {
                request.remove.append(String(change.dropLast()))
            }
        }
        return try await order(invocation) { [request] in try await $0.label(invocation[handle], request) }
    }

    private static let manager = Parameter.flag("manager", help: "It is a manager, and no node.")

    static let remove = Command(
        "rm", aliases: ["remove"], summary: "Forget a node that is lost, or a manager",
        discussion: """
            What it ran is placed elsewhere at once, also what must not run twice: be sure that the machine is off. Its \
            certificate is called back, so that it has to join again, and its name is free.

            With --manager the name is a manager's, which may start no more unless it joins again. One that leads is stopped \
            first.
            """,
        parameters: [handle, manager], seeAlso: ["apollo node drain", "apollo node token"]
    ) { invocation in
        let session = try Session(invocation)
        try await session.withClient { client in
            if invocation[manager] {
                try await client.forgetManager(invocation[handle])
            } else {
                try await client.forgetNode(invocation[handle])
            }
        }
        try session.output.write("\(invocation[handle])\n")
        return .success
    }

    private static func order(
        _ invocation: Invocation, _ body: (PlatformClient) async throws -> Node
    ) async throws -> ExitStatus {
        let session = try Session(invocation)
        let node = try await session.withClient(body)
        switch session.format {
        case .table:
            let reason = node.reason.map { ": \($0.printable)" } ?? ""
            try session.output.write("\(node.name) is \(node.state.rawValue)\(reason)\n")
        case .json: try session.output.writeJSON(node)
        }
        return .success
    }
}
