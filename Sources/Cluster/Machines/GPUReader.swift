import Concurrency
import Core

/// Asks the machine's driver which GPUs there are and what they are busy with, by `nvidia-smi` on `PATH`.
struct GPUReader: Sendable {
    private static let limit = Duration.seconds(10)

    /// What it says: an empty report where there is no such program, and why there is none where it does not answer as it should.
    func read() async -> Result<GPUReport, GPUFailure> {
        let pool = BlockingPool(name: "gpus", threads: 1)
        defer { pool.stop() }
        do {
            let output = try await pool.run("nvidia-smi") {
                try BoundedCommand(GPUReport.command, sizeLimit: 64 << 10).run(within: Self.limit)
            }
            return .success(GPUReport(parsing: output))
        } catch BoundedCommand.Failure.notFound {
            return .success(GPUReport())  // A machine without NVIDIA's driver.
        } catch let failure as BoundedCommand.Failure {
            return .failure(GPUFailure("nvidia-smi \(Self.text(failure))"))
        } catch {
            return .failure(GPUFailure("\(error)"))
        }
    }

    private static func text(_ failure: BoundedCommand.Failure) -> String {
        switch failure {
        case .notFound: "is not there"
        case .unusable(let reason): "cannot be started: \(reason)"
        case .tooSlow: "did not answer within \(limit.short)"
        case .tooMuch: "wrote more than it should"
        case .exited(let code): "failed with exit code \(code)"
        case .signalled(let signal): "was ended by signal \(signal)"
        }
    }
}

/// Why it is not known which GPUs a machine has.
struct GPUFailure: Error, Hashable {
    var reason: String

    init(_ reason: String) { self.reason = reason }
}
