import APIMessages
import Arguments
import Concurrency
import Core
import PlatformClients
import Terminal

/// `apollo node rebalance`.
enum NodeRebalanceCommand {
    private static let plan = Parameter.flag("plan", help: "Only show what would be moved.")
    private static let moves = Parameter.option(
        "moves", .integer("N", in: 1...1000 as ClosedRange<Int>),
        help: "How many tasks are moved at a time; rebalance.moves of the platform if left out.")
    private static let pause = Parameter.option(
        "pause", .duration, default: .seconds(5), help: "How long to wait between them.")

    static let command = Command(
        "rebalance", summary: "Move tasks so that nodes are evenly full",
        discussion: """
            From full nodes to those with more room, such as one that has just joined: a few at a time, until nothing is to be \
            gained. A move stops the task and starts it on the other node. Instances of services are moved one at a time, while \
            all others of the service do their work; other tasks only where they are restarted whatever ends them (--restart \
            always). A task with the label apollo.rebalance=never stays.

            With rebalance.enabled the platform does so by itself when nodes join or come back.
            """,
        parameters: [plan, moves, pause],
        examples: [
            Example("what would be moved?", "apollo node rebalance --plan"),
            Example(
                "one after the other, with time between them", "apollo node rebalance --moves 1 --pause 1m"),
        ],
        seeAlso: ["apollo node drain", "apollo node ls", "apollo task explain"]
    ) { invocation in
        let session = try Session(invocation)
        let clock = LiveClock()
        let limit = invocation[moves]
        try await session.withClient { client in
            if invocation[plan] {
                let found = try await client.rebalancePlan(limit: limit)
                try session.output.write(found.moves, as: session.format, table)
                return
            }
            var all: [MoveDescription] = []
            while true {
                let step = try await client.rebalance(limit: limit)
                if session.format == .table {
                    for move in step.moves {
                        try session.output.write(
                            "\(move.name): \(move.from) to \(move.to); \(move.reason.printable)\n")
                    }
                }
                all += step.moves
                if step.moves.isEmpty, step.underWay == 0 { break }
                try await clock.sleep(for: invocation[pause])
            }
            if session.format != .table { try session.output.writeJSON(all) }
        }
        return .success
    }

    private static var table: Table<MoveDescription> {
        Table([
            Column("TASK") { $0.name }, Column("PROJECT") { $0.project }, Column("FROM") { $0.from },
            Column("TO") { $0.to }, Column("WHY") { $0.reason },
        ])
    }
}
