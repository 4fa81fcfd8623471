import Arguments
import Benchmarks
import Terminal

/// `apollo-bench --list`.
enum ListCommand {
    static let command = Command("list", summary: "Print the suites, their cases and peers, and run nothing")
    { _ in
        try write(BenchProgram.suites, to: .standardOutput(variables: [:]))
        return .success
    }

    private struct Row {
        var suite: String
        var benchmark: Case
    }

    static func write(_ suites: [Suite], to output: Output) throws {
        let rows = suites.flatMap { suite in suite.cases.map { Row(suite: suite.name, benchmark: $0) } }
        try output.write(rows, table)
    }

    private static let table = Table<Row>([
        Column("SUITE") { $0.suite },
        Column("CASE") { $0.benchmark.name },
        Column("UNIT") { "\($0.benchmark.unit), \($0.benchmark.better.rawValue) is better" },
        Column("PEERS") { row in
            row.benchmark.peers.isEmpty ? nil : row.benchmark.peers.map(\.name).joined(separator: ", ")
        },
    ])
}
