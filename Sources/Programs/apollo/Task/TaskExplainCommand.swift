import APIMessages
import Arguments
import Core
import PlatformClients
import Terminal

/// `apollo task explain`.
enum TaskExplainCommand {
    private static let handle = Parameter.argument(TaskCommand.handle, help: "The task.")

    static let command = Command(
        "explain", summary: "Say why a task is where it is, or why it is nowhere",
        discussion: """
            Looks at every node: how many would take the task now, what rules out the others, each node counted once, what \
            stands behind that, and what would help.
            """,
        parameters: [handle],
        examples: [Example("what it waits for", "apollo task explain web")],
        seeAlso: ["apollo task status", "apollo node ls"]
    ) { invocation in
        let session = try Session(invocation)
        let explanation = try await session.withClient { try await $0.explain(invocation[handle]) }
        guard session.format == .table else {
            try session.output.writeJSON(explanation)
            return .success
        }
        try session.output.write(explanation.summary.printable + "\n")
        let possible =
            switch explanation.possible {
            case 0: "none"
            case explanation.nodes where explanation.nodes > 1: "all"
            default: "\(explanation.possible)"
            }
        try session.output.write(
            "\nOf \(count(explanation.nodes)), \(possible) would take one like it now\n")
        try session.output.write(list(explanation.obstacles))
        if let besides = explanation.besides {
            try session.output.write("Apart from that\n" + list(besides))
        }
        if let next = explanation.next { try session.output.write("\nNext attempt: \(next.printable)\n") }
        guard !explanation.remedies.isEmpty else { return .success }
        try session.output.write("\nWhat would help:\n")
        for remedy in explanation.remedies { try session.output.write("  \(remedy.printable)\n") }
        return .success
    }

    private static func list(_ obstacles: [TaskExplanation.Obstacle]) -> String {
        obstacles.map { "  \($0.nodes) \($0.reason.printable)\n" }.joined()
    }

    private static func count(_ nodes: Int) -> String { nodes == 1 ? "1 node" : "\(nodes) nodes" }
}
