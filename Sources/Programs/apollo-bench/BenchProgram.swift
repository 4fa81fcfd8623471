import Arguments
import Benchmarks
import Concurrency
import Core
import EventLoops
import Glibc
import Terminal

/// The command line of the benchmarks: a command for each suite.
enum BenchProgram {
    static let suites: [Suite] = [
        HTTPSuite.suite, RPCSuite.suite, TaskSuite.suite, DispatchSuite.suite,
        ScheduleSuite.suite(), SimulateSuite.suite(), ObjectSuite.suite, ImageSuite.suite,
    ]

    static let program = Program(
        version: "apollo-bench 0.1.0",
        root: Command(
            "apollo-bench", summary: "Measure Apollo against its peers",
            discussion: """
                Each case runs ours and its peers in turn, and prints medians, their spread and the ratio. Machines are \
                shared and noisy: trust the ratios.
                """,
            examples: [
                Example("everything there is", "apollo-bench --list"),
                Example("one suite", "apollo-bench http"),
                Example("one case against one peer", "apollo-bench http --case hello-64 --peer nginx"),
            ],
            subcommands: suites.map {
                $0.name == "simulate" ? SimulateCommand.command : SuiteCommand.command(for: $0)
            } + [ListCommand.command, ServeHTTPCommand.command, ServeRPCCommand.command]))

    static func main() async -> Never {
        Output.ignorePipeSignal()
        raiseOpenFiles()
        let (output, errors) = (Output.standardOutput(variables: [:]), Output.standardError(variables: [:]))
        do {
            let status = try await untilInterrupted {
                try await program.run(
                    arguments(Array(CommandLine.arguments.dropFirst())),
                    width: min(output.size()?.columns ?? 80, 120),
                    print: { try output.write($0) }, report: { try errors.write($0) })
            }
            exit(status.code)
        } catch {
            let report = ErrorReport(error, program: "apollo-bench", usesColor: errors.usesColor)
            // Where even the error cannot be written, the exit code is all that is left.
            try? errors.write(report.text)
            exit(report.exitCode)
        }
    }

    /// `--list` stands where a suite would, too.
    private static func arguments(_ words: [String]) -> [String] {
        words.first == "--list" ? ["list"] + words.dropFirst() : words
    }

    /// The loads open a thousand connections, and what is started inherits the limit.
    private static func raiseOpenFiles() {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
        limit.rlim_cur = min(limit.rlim_max, 65_536)
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }

    /// Runs `body`; Ctrl-C cancels it, so that it stops what it started.
    private static func untilInterrupted(
        _ body: @escaping @Sendable () async throws -> ExitStatus
    ) async throws -> ExitStatus {
        let loops = try EventLoopGroup(count: 1, name: "signals")
        let signals = try await Signals.catching([.interrupt, .terminate], on: loops.next())
        let result: Result<ExitStatus, any Error> = await withTaskGroup(
            of: Result<ExitStatus, any Error>?.self
        ) {
            group in
            group.addTask {
                do { return .success(try await body()) } catch { return .failure(error) }
            }
            group.addTask {
                // It ends by a signal, or by its cancellation when the body is done.
                _ = try? await signals.next()
                return nil
            }
            var result: Result<ExitStatus, any Error>?
            while let ended = await group.next() {
                group.cancelAll()
                result = ended ?? result
            }
            return result ?? .failure(CancellationError())
        }
        await signals.close()
        await loops.stop()
        return try result.get()
    }
}
