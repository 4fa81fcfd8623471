import Arguments
import Core
import Terminal

enum LogsCommand {
    static let name = Parameter.argument(
        .text("NAME").completed(
            by: .dynamic { _ in
                [
                    Candidate("web-1", "running"), Candidate("web-2", "failed"),
                    Candidate("batch:nightly", "running"),
                ]
            }), help: "The task.")
    static let lines = Parameter.option("lines", short: "n", .integer(in: 0...100), help: "How many lines.")
    static let file = Parameter.option("file", .path, help: "Where to write.")
    static let color = Parameter.option(
        "color", .choice(Color.self, "WHEN"), default: .auto, help: "Whether to use colors.")

    enum Color: String, CaseIterable, Sendable { case auto, always, never }

    static func command(_ sample: Sample) -> Command {
        Command("logs", summary: "Show what a task wrote", parameters: [name, lines, file, color]) {
            invocation in
            try sample.output.write(fields: [
                ("name", invocation[name]), ("lines", invocation[lines].map { "\($0)" }),
                ("color", invocation[color].rawValue),
            ])
            return .success
        }
    }
}
