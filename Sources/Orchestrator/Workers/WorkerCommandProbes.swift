import ClusterModel
import Concurrency
import Core
import HealthDecisions
import TaskDecisions
import TaskRuntimes

// Probes that are commands inside attempts.
extension Worker {
    /// Nil where nothing was found out of the task: its runtime is away, or the machine is out of something.
    func run(
        _ probe: HealthCheck.ExecProbe, in place: AttemptPlace, within limit: Duration
    ) async -> ProbeResult? {
        let what = "'\(probe.text)'"
        do {
            let runtime = try runtime(place.runtime)
            let outcome = try await commandProbes.withPermit {
                try await runtime.run(
                    probe.command, beside: place.attempt, within: limit, clock: environment.clock)
            }
            switch outcome {
            case .timedOut: return ProbeResult(isGood: false, "\(what) took longer than \(limit.short)")
            case .ended(0, _): return ProbeResult(isGood: true, "\(what) ended well")
            case .ended(let code, let line):
                let said = line.isEmpty ? "" : ": \(String(line.prefix(200)).printable)"
                return ProbeResult(isGood: false, "\(what) ended with exit code \(code)\(said)")
            }
        } catch RuntimeError.rejected(let message, _) {
            return ProbeResult(isGood: false, "\(what) cannot be run: \(message)")
        } catch RuntimeError.failed(let message) {
            return ProbeResult(isGood: false, "\(what) cannot be run: \(message)")
        } catch {
            return nil
        }
    }
}

extension HealthCheck.ExecProbe {
    /// The command for people: of what a shell is given, that.
    fileprivate var text: String {
        let isShell = command.count == 3 && command[1] == "-c" && command[0].hasSuffix("sh")
        let words = isShell ? command[2] : command.joined(separator: " ")
        return (words.count > 100 ? words.prefix(100) + "…" : Substring(words)).description.printable
    }
}
