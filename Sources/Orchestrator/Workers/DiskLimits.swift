import ClusterModel
import Core
import Synchronization
import TaskRuntimes

/// Attempts whose disk is limited, and which of them went beyond.
final class DiskLimits: Sendable {
    private struct Entry {
        var runtime: RuntimeKind
        var limit: ByteCount
        /// Why it is ended; nil while it keeps to its limit.
        var excess: String?
    }

    private let entries = Mutex<[AttemptID: Entry]>([:])

    func watch(_ attempt: AttemptID, on runtime: RuntimeKind, limit: ByteCount?) {
        guard let limit else { return }
        entries.withLock { entries in
            if entries[attempt] == nil { entries[attempt] = Entry(runtime: runtime, limit: limit) }
        }
    }

    /// It has ended: why, where that was for its disk.
    func end(_ attempt: AttemptID) -> String? {
        entries.withLock { $0.removeValue(forKey: attempt) }?.excess
    }

    /// Those that keep to their limits as far as is known.
    var watched: [(attempt: AttemptID, runtime: RuntimeKind)] {
        entries.withLock { entries in
            entries.filter { $0.value.excess == nil }.map { ($0.key, $0.value.runtime) }
        }.sorted { $0.attempt < $1.attempt }
    }

    /// Takes in what an attempt has on disk. True where that is more than it may have, for the first time.
    func exceeds(_ attempt: AttemptID, _ size: DirectoryTree.Size) -> Bool {
        entries.withLock { entries in
            guard let entry = entries[attempt], entry.excess == nil else { return false }
            let used = ByteCount(size.bytes)
            if used > entry.limit {
                entries[attempt]!.excess = "used \(used) of disk, more than its limit of \(entry.limit)"
            } else if let obstacle = size.obstacle {
                // What cannot be counted cannot be limited.
                entries[attempt]!.excess =
                    "what it has on disk cannot be counted against its limit of \(entry.limit): \(obstacle)"
            } else {
                return false
            }
            return true
        }
    }
}

// Ends attempts that have more on disk than they may.
extension Worker {
    /// How long after a look the next one is, at least; and as a multiple of what the look took.
    private static var diskInterval: (least: Duration, factor: Int) { (.seconds(2), 10) }

    func watchDisks() async {
        while !Task.isCancelled {
            let begun = environment.clock.now
            for (attempt, runtime) in disks.watched { await checkDisk(of: attempt, on: runtime) }
            let took = begun.duration(to: environment.clock.now)
            let pause = max(Self.diskInterval.least, took * Self.diskInterval.factor)
            // Cancelled: the worker ends.
            guard (try? await environment.clock.sleep(for: pause)) != nil else { return }
        }
    }

    private func checkDisk(of attempt: AttemptID, on kind: RuntimeKind) async {
        do throws(RuntimeError) {
            let runtime = try runtime(kind)
            guard let size = try await runtime.diskUse(attempt), disks.exceeds(attempt, size) else { return }
        } catch {
            // It has ended, or its runtime is away for a while: it is looked at again.
            return
        }
        await persist("end attempt \(attempt), which has too much on disk") {
            try await self.runtime(kind).stop(attempt, grace: .zero)
        }
    }
}
