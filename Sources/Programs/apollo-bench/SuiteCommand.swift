import Arguments
import Benchmarks
import Concurrency
import Core
import Terminal

/// `apollo-bench SUITE`.
enum SuiteCommand {
    private static let only = Parameter.option("case", .text("CASE"), help: "Only this case.")
    private static let peer = Parameter.option(
        "peer", .text("NAME"), help: "Only the cases that this peer is compared in, and no other peer.")
    private static let runs = Parameter.option(
        "runs", .integer("N", in: 1...1000 as ClosedRange<Int>), default: 5,
        help: "How many times each side is measured.")
    private static let format = Parameter.option(
        "format", .choice(OutputFormat.self, "FORMAT"), default: .table,
        help: "A table, or an object of JSON a line.")
    private static let list = Parameter.flag(
        "list", help: "Print the cases and their peers, and run nothing.")

    private static let seeds = Parameter.option(
        "seeds", .integer("N", in: 1...1000 as ClosedRange<Int>), default: 20,
        help: "How many generated cells the packing cases take the median of.")
    private static let trace = Parameter.option(
        "trace", .text("NODES.csv"),
        help: "A real cell instead of generated ones: the file of its nodes, followed by that of its tasks.")
    private static let tasks = Parameter.optionalArgument(
        .text("TASKS.csv"), help: "The file of tasks that goes with --trace.")

    /// What every suite takes.
    static let parameters: [any CommandParameter] = [only, peer, runs, format, list]

    /// Whether the line asks for cases, by any of what every suite takes.
    static func isAsked(_ invocation: Invocation) -> Bool {
        invocation.isGiven(only) || invocation.isGiven(peer) || invocation.isGiven(runs)
            || invocation.isGiven(format) || invocation.isGiven(list)
    }

    /// The command of a suite; that of `schedule` takes the cells it is measured on, too.
    static func command(for suite: Suite) -> Command {
        let isSchedule = suite.name == "schedule"
        return Command(
            suite.name, summary: suite.summary,
            parameters: parameters + (isSchedule ? [seeds, trace, tasks] : [])
        ) { invocation in
            try await run(isSchedule ? ScheduleSuite.suite(try source(invocation)) : suite, invocation)
        }
    }

    /// Runs, or lists, the cases of a suite that the line asks for.
    static func run(_ suite: Suite, _ invocation: Invocation) async throws -> ExitStatus {
        let output = Output.standardOutput(variables: [:])
        let cases: [Case]
        do throws(ApolloError) {
            cases = try suite.selecting(case: invocation[only], peer: invocation[peer])
        } catch {
            throw invocation.usageError(error.message, hint: error.hint)
        }
        let selected = Suite(suite.name, summary: suite.summary, cases: cases)
        guard !invocation[list] else {
            try ListCommand.write([selected], to: output)
            return .success
        }
        return try await run(selected, runs: invocation[runs], format: invocation[format], output)
    }

    private static func source(_ invocation: Invocation) throws -> CellSource {
        var source = CellSource(seeds: invocation[seeds])
        switch (invocation[trace], invocation[tasks]) {
        case (nil, nil): break
        case (let nodes?, let tasks?): source.trace = (nodes, tasks)
        default: throw invocation.usageError("--trace takes two files", hint: "--trace NODES.csv TASKS.csv")
        }
        return source
    }

    /// Runs every case, also after one that failed: its reason goes to the standard error, and the exit code tells.
    private static func run(
        _ suite: Suite, runs: Int, format: OutputFormat, _ output: Output
    ) async throws -> ExitStatus {
        let errors = Output.standardError(variables: [:])
        var measurements: [Measurement] = []
        var status = ExitStatus.success
        for benchmark in suite.cases {
            let run = CaseRun(suite: suite.name, benchmark, runs: runs) { step in
                // Who does not see the progress still gets the result.
                try? errors.write("\(suite.name) \(benchmark.name): \(step)\n")
            }
            do {
                let lines = try await run.measure(environment: .live)
                measurements += lines
                if format == .json {
                    for line in lines { try output.write(bytes: line.json + [UInt8(ascii: "\n")]) }
                }
            } catch let error as CancellationError {
                throw error
            } catch let error as OutputError {
                throw error
            } catch {
                try Task.checkCancellation()
                status = .failure
                try errors.write(
                    ErrorReport(
                        error, program: "\(suite.name) \(benchmark.name)", usesColor: errors.usesColor
                    ).text)
            }
        }
        if format == .table, !measurements.isEmpty { try output.write(measurements, table) }
        return status
    }

    private static let table = Table<Measurement>([
        Column("CASE") { $0.name },
        Column("OURS", .right) { Measurement.text($0.ours.median) },
        Column("SPREAD", .right) {
            "\(Measurement.text($0.ours.spread.lowerBound))–\(Measurement.text($0.ours.spread.upperBound))"
        },
        Column("UNIT") { "\($0.unit), \($0.better.rawValue) is better" },
        Column("PEER") { $0.peer.map { "\($0.name) \($0.version)" } },
        Column("PEER'S", .right) { $0.peer.map { Measurement.text($0.value) } },
        Column("RATIO", .right) { $0.ratio.map { Measurement.text(($0 * 1000).rounded() / 1000) } },
        Column("NOTE") { $0.note },
    ])
}
