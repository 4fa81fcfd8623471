import APIMessages
import ClusterModel
import Concurrency
import Core
import Documents
import HTTPRouting
import Managers
import TaskRuntimes

/// Tells a task's states as server-sent events, until it is finished or removed.
struct WatchFollower {
    let manager: Manager
    let task: TaskID

    func run(into pieces: Mailbox<[UInt8]>) async throws {
        guard let watch = manager.watch(task) else { return }
        var seen: UInt64 = 0
        var told: Int64 = -1
        while let snapshot = try await watch.next(after: seen) {
            seen = snapshot.revision
            guard let record = snapshot.state.record else { return }
            if record.revision != told {
                told = record.revision
                let json = String(decoding: RecordCoding.encode(record), as: UTF8.self)
                try await pieces.sendWaiting(
                    ServerSentEvent(event: "state", id: "\(record.revision)", data: json).bytes)
            }
            if record.state.isFinal { return }
            if let progress = snapshot.state.progress {
                let message = StartProgress(
                    activity: progress.activity, completedBytes: progress.completedBytes,
                    totalBytes: progress.totalBytes)
                let json = String(decoding: try JSONWriter.bytes(encoding: message), as: UTF8.self)
                try await pieces.sendWaiting(ServerSentEvent(event: "progress", data: json).bytes)
            }
        }
    }
}
