import ClusterModel
import Core
import TaskRuntimes

// What is kept of the output of ended attempts.
extension Worker {
    /// Has the runtimes drop what is too old or too much, from time to time.
    func trimLogs() async {
        guard let logRetention else { return }
        // Said once for as long as it lasts: it is tried again soon.
        var failed: Set<String> = []
        while true {
            for (kind, runtime) in runtimes {
                do throws(RuntimeError) {
                    try await runtime.trimLogs(logRetention)
                    failed.remove(kind.rawValue)
                } catch {
                    guard error != .cancelled, failed.insert(kind.rawValue).inserted else { continue }
                    report(
                        .problem("cannot trim the output that \(kind.rawValue) keeps: \(error.asApolloError)")
                    )
                }
            }
            do {
                try await environment.clock.sleep(for: logRetention.interval)
            } catch {
                return  // Cancelled: the worker ends.
            }
        }
    }
}
