import Concurrency
import Core

extension Environment {
    /// Returns as soon as the task is cancelled.
    func untilCancelled() async {
        while !Task.isCancelled {
            do { try await clock.sleep(for: .seconds(3600)) } catch { break }
        }
    }
}
