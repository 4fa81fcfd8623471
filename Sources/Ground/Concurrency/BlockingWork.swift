import Synchronization

/// What the threads of one name are doing that run blocking calls, and what waits for them.
public struct BlockingReport: Hashable, Sendable {
    /// Something that runs now.
    public struct Call: Hashable, Sendable {
        /// In a few words, without anything of the user's; nil where nobody said.
        public var what: String?
        public var duration: Duration

        public init(what: String?, duration: Duration) {
            self.what = what
            self.duration = duration
        }
    }

    public var name: String
    public var threads: Int
    public var waiting: Int
    /// How long the first in line has waited; nil where nobody does.
    public var oldestWait: Duration?
    /// What runs, the longest first.
    public var running: [Call]

    public init(name: String, threads: Int, waiting: Int, oldestWait: Duration?, running: [Call]) {
        self.name = name
        self.threads = threads
        self.waiting = waiting
        self.oldestWait = oldestWait
        self.running = running.sorted { $0.duration > $1.duration }
    }
}

/// Something with threads for blocking calls: it is asked what they do, and never made to wait for it.
public protocol BlockingWorkSource: AnyObject, Sendable {
    func blockingReport() -> BlockingReport
}

/// All threads of the process that run blocking calls. Every ``ThreadExecutor`` and ``BlockingPool`` is here by itself, from its
/// beginning to its end, so that no part of a program can be forgotten.
public enum BlockingWork {
    private struct Entry {
        weak var source: (any BlockingWorkSource)?
    }

    private struct State {
        var entries: [Entry] = []
        /// How many entries make it worth looking for those that are gone.
        var limit = 64
    }

    private static let state = Mutex(State())

    public static func register(_ source: any BlockingWorkSource) {
        state.withLock { state in
            state.entries.append(Entry(source: source))
            guard state.entries.count > state.limit else { return }
            state.entries.removeAll { $0.source == nil }
            state.limit = max(64, 2 * state.entries.count)
        }
    }

    /// One report for each name, those that have waited longest first.
    public static var reports: [BlockingReport] {
        // Outside of the lock: what is let go of here may be the last reference.
        let sources = state.withLock { $0.entries.compactMap(\.source) }
        return merged(sources.map { $0.blockingReport() })
    }

    static func merged(_ reports: [BlockingReport]) -> [BlockingReport] {
        var merged: [String: BlockingReport] = [:]
        for report in reports {
            guard let other = merged[report.name] else {
                merged[report.name] = report
                continue
            }
            merged[report.name] = BlockingReport(
                name: report.name, threads: report.threads + other.threads,
                waiting: report.waiting + other.waiting,
                oldestWait: [report.oldestWait, other.oldestWait].compactMap(\.self).max(),
                running: report.running + other.running)
        }
        return merged.values.sorted {
            ($1.oldestWait ?? .zero, $0.name) < ($0.oldestWait ?? .zero, $1.name)
        }
    }
}
