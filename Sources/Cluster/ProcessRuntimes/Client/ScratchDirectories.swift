import ClusterModel
import Concurrency
import Core
import Files
import Glibc
import Synchronization
import TaskRuntimes

/// The directories that attempts have for themselves alone, where what they have on disk is limited. They go with the attempt's end.
final class ScratchDirectories: Sendable {
    private let directory: String
    /// What is in them takes time to look at, and to remove.
    private let pool = BlockingPool(name: "task-disks", threads: 2)
    /// Attempts with a directory that the launcher may not know yet.
    private let starting = Mutex<Set<AttemptID>>([])

    init(directory: String) { self.directory = directory }

    deinit { pool.stop() }

    static func path(of attempt: AttemptID, in directory: String) -> String {
        "\(directory)/scratch/\(attempt)"
    }

    /// Where a process of another user sees it, and nobody else: the data directory is closed to that user.
    static func shownPath(of attempt: AttemptID) -> String { "\(shownRoot)/\(attempt)" }

    private static let shownRoot = "/run/apollo-scratch"

    func path(of attempt: AttemptID) -> String { Self.path(of: attempt, in: directory) }

    private func blocking<Value: Sendable>(
        _ body: @escaping @Sendable () throws(RuntimeError) -> Value
    ) async throws(RuntimeError) -> Value {
        do {
            return try await pool.run("a task's disk") { try body() }
        } catch {
            throw RuntimeError(error)
        }
    }

    func measure(_ attempt: AttemptID) async throws(RuntimeError) -> DirectoryTree.Size? {
        let path = path(of: attempt)
        return try await blocking { () throws(RuntimeError) in DirectoryTree.measure(path) }
    }

    private func exists(_ attempt: AttemptID) -> Bool { access(path(of: attempt), F_OK) == 0 }

    /// Makes that of an attempt which is about to start; one that is there already is its own.
    ///
    /// - Parameter identity: whose it is; nil for this process's.
    func make(_ attempt: AttemptID, for identity: ProcessIdentity?) throws(RuntimeError) {
        starting.withLock { _ = $0.insert(attempt) }
        do throws(RuntimeError) {
            try make(directory + "/scratch", 0o700)
            try make(path(of: attempt), 0o700)
            guard let identity else { return }
            guard lchown(path(of: attempt), identity.user, identity.group) == 0 else {
                throw failure("give", path(of: attempt))
            }
            // Only to pass through, and to be covered by its own.
            try make(Self.shownRoot, 0o711)
            try make(Self.shownPath(of: attempt), 0o711)
        } catch {
            starting.withLock { _ = $0.remove(attempt) }
            throw error
        }
    }

    private func make(_ path: String, _ mode: mode_t) throws(RuntimeError) {
        guard mkdir(path, mode) != 0 else {
            // Whatever the process's mask takes away.
            guard chmod(path, mode) == 0 else { throw failure("open", path) }
            return
        }
        guard errno == EEXIST else { throw failure("make", path) }
        var status = stat()
        guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
            throw .failed("\(path) is no directory, and should be one for tasks")
        }
    }

    private func failure(_ verb: String, _ path: String) -> RuntimeError {
        .exhausted(
            "cannot \(verb) a directory for the task: \(path): \(String(cString: strerror(errno)))",
            hint: "make room on its disk")
    }

    /// The launcher knows it.
    func began(_ attempt: AttemptID) { starting.withLock { _ = $0.remove(attempt) } }

    var beginning: Set<AttemptID> { starting.withLock { $0 } }

    /// Takes away what an attempt that has ended had. What cannot be removed now is found with the next list.
    func remove(_ attempt: AttemptID) async {
        // Not there unless it was another user's.
        rmdir(Self.shownPath(of: attempt))
        guard exists(attempt) else { return }
        let path = path(of: attempt)
        // What is left is found with the next list, and tried again.
        _ = try? await blocking { () throws(RuntimeError) in
            do throws(DirectoryTree.Failure) { try DirectoryTree.remove(path) } catch {
                throw .failed("\(error)")
            }
        }
        starting.withLock { _ = $0.remove(attempt) }
    }

    /// Those that are there, but for those that were just beginning.
    func leftovers(begun: Set<AttemptID>) -> [AttemptID] {
        let names = DirectoryNames.found(in: directory + "/scratch")
        let found = names.compactMap { AttemptID(parsing: $0) }
        let now = beginning
        return found.filter { !begun.contains($0) && !now.contains($0) }
    }
}

extension RuntimeError {
    /// Whether it is certain that nothing has started.
    var saysNothingStarted: Bool {
        switch self {
        case .rejected, .exhausted, .portInUse: true
        case .unavailable, .unknownAttempt, .ended, .stillRunning, .cancelled, .failed: false
        }
    }
}
