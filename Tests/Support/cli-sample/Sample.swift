import Arguments
import Concurrency
import Core
import Glibc
import Terminal

/// A program with one of everything, for tests that run it in real shells and on real terminals, and a demonstration of
/// how a program is put together.
@main struct Sample {
    let output: Output
    let errors: Output
    let variables: [String: String]

    static func main() async {
        Output.ignorePipeSignal()
        let variables = processVariables()
        let sample = Sample(
            output: .standardOutput(variables: variables), errors: .standardError(variables: variables),
            variables: variables)
        exit(await sample.run(Array(CommandLine.arguments.dropFirst())).code)
    }

    func run(_ arguments: [String]) async -> ExitStatus {
        do {
            return try await program.run(
                arguments, width: output.size()?.columns ?? 80, print: { try output.write($0) },
                report: { try errors.write($0) })
        } catch {
            let report = ErrorReport(error, program: "cli-sample", usesColor: errors.usesColor)
            // There is nobody left to tell where this fails too; the exit code says it.
            try? errors.write(report.text)
            return ExitStatus(report.exitCode)
        }
    }

    var program: Program {
        Program(
            version: "cli-sample 1.0",
            root: Command(
                "cli-sample", summary: "A program with one of everything",
                subcommands: [
                    ListCommand.command(self), LogsCommand.command(self), ProgressCommand.command(self),
                    FailCommand.command(self), ConfigCommand.command(self),
                ]))
    }

    private static func processVariables() -> [String: String] {
        var variables: [String: String] = [:]
        var entry = environ
        while let text = entry.pointee {
            let parts = String(cString: text).split(
                separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if parts.count == 2 { variables[String(parts[0])] = String(parts[1]) }
            entry += 1
        }
        return variables
    }
}
