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
        try await manager.follow(task) { news in
            switch news {
            case .state(let record):
                let json = String(decoding: RecordCoding.encode(record), as: UTF8.self)
                try await pieces.sendWaiting(
                    ServerSentEvent(event: "state", id: "\(record.revision)", data: json).bytes)
            case .progress(let progress):
                let message = StartProgress(
                    activity: progress.activity, completedBytes: progress.completedBytes,
                    totalBytes: progress.totalBytes)
                let json = String(decoding: try JSONWriter.bytes(encoding: message), as: UTF8.self)
                try await pieces.sendWaiting(ServerSentEvent(event: "progress", data: json).bytes)
            }
        }
    }
}
