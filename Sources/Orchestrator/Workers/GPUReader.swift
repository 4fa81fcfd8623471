public import ClusterModel
import Concurrency
import Core

/// Asks the machine's driver which GPUs there are, by `nvidia-smi` on `PATH`.
public struct GPUReader: Sendable {
    private let note: @Sendable (String) -> Void
    private static let limit = Duration.seconds(10)

    /// - Parameter note: is told what is wrong where GPUs may be there and cannot be asked for.
    public init(note: @escaping @Sendable (String) -> Void) { self.note = note }

    /// The GPUs; none where there is no such program, or it does not answer as it should.
    public func read() async -> [GPU] {
        let pool = BlockingPool(name: "gpus", threads: 1)
        defer { pool.stop() }
        do {
            let output = try await pool.run("nvidia-smi") {
                try BoundedCommand(GPUReport.command, sizeLimit: 64 << 10).run(within: Self.limit)
            }
            let report = GPUReport(parsing: output)
            if report.faults > 0 {
                note("nvidia-smi wrote \(report.faults) lines that say nothing of a GPU; they are left out")
            }
            return report.gpus
        } catch BoundedCommand.Failure.notFound {
            return []  // A machine without NVIDIA's driver.
        } catch let failure as BoundedCommand.Failure {
            note("the GPUs of this machine are not used: nvidia-smi \(Self.text(failure))")
            return []
        } catch {
            note("the GPUs of this machine are not used: \(error)")
            return []
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
