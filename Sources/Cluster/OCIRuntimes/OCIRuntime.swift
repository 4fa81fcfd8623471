public import ClusterModel
import Concurrency
public import Core
import Files
import Glibc
import ImageModel
import ProcessRuntimes
import Synchronization
public import TaskRuntimes
public import UnpackedImages

/// Runs attempts as containers without an engine: images by an ``ImageStore``, their layers mounted by overlayfs, and runc to make a
/// container of them, which is a child of the launcher from there on, as the processes of ``ProcessRuntime`` are. So it outlives us,
/// what it writes is kept, and how it ends is known. See `docs/design/oci-runtime.md`.
public final class OCIRuntime: TaskRuntime {
    public let kind = RuntimeKind.oci
    let settings: OCISettings
    let images: ImageStore
    let environment: Environment
    let processes: ProcessRuntime
    let pool = BlockingPool(name: "containers", threads: 4)
    let turns = NamedTurns()
    /// Attempts with files that the launcher may not know yet.
    let starting = Mutex<Set<AttemptID>>([])
    let machine = Mutex<Machine?>(nil)
    let shares: UserShares

    /// - Parameter images: where its images come from; one for all runtimes of a machine.
    public init(settings: OCISettings, images: ImageStore, environment: Environment) {
        precondition(settings.directory.hasPrefix("/"))
        self.settings = settings
        self.images = images
        shares = UserShares(settings)
        self.environment = environment
        processes = ProcessRuntime(settings: settings.processes, environment: environment)
    }

    deinit { pool.stop() }

    public func probe() async -> RuntimeStatus {
        do throws(RuntimeError) {
            let machine = try await self.usableMachine()
            return RuntimeStatus(kind: kind, isAvailable: true, detail: machine.description)
        } catch {
            let reason = error.asApolloError
            let detail = reason.hint.map { "\(reason.message); \($0)" } ?? reason.message
            return RuntimeStatus(kind: kind, isAvailable: false, detail: detail)
        }
    }

    /// Runs what blocks, on a thread of its own.
    func blocking<Value: Sendable>(
        _ what: String, _ body: @escaping @Sendable () throws(RuntimeError) -> Value
    ) async throws(RuntimeError) -> Value {
        do {
            return try await pool.run(what) { try body() }
        } catch {
            throw RuntimeError(error)
        }
    }

    func files(_ attempt: AttemptID) -> ContainerFiles {
        ContainerFiles(settings: settings, attempt: attempt)
    }

    public func wait(_ attempt: AttemptID) async throws(RuntimeError) -> AttemptExit {
        let exit = try await processes.wait(attempt)
        await clean(attempt)
        return Self.told(exit)
    }

    public func stop(_ attempt: AttemptID, grace: Duration) async throws(RuntimeError) {
        try await processes.stop(attempt, grace: grace)
        await clean(attempt)
    }

    public func remove(_ attempt: AttemptID) async throws(RuntimeError) {
        try await processes.remove(attempt)
        await clean(attempt)
    }

    public func list() async throws(RuntimeError) -> [RuntimeAttempt] {
        // In this order: what begins meanwhile is not taken for something that is left.
        guard hasLauncher else { return [] }
        let begun = starting.withLock { $0 }
        var listed = try await processes.list()
        for index in listed.indices { listed[index].exit = listed[index].exit.map(Self.told) }
        let live = Set(listed.lazy.filter { $0.exit == nil }.map(\.attempt))
        let settings = settings
        let left = try await blocking("finding what containers left") { () throws(RuntimeError) in
            ContainerFiles.attempts(in: settings.containers)
                .union(ContainerFiles.attempts(in: settings.states))
        }
        let now = starting.withLock { $0 }
        for attempt in left
        where !live.contains(attempt) && !begun.contains(attempt) && !now.contains(attempt) {
            await clean(attempt)
        }
        return listed
    }

    /// Whether there has ever been one. Where none has, none is started to be asked what it has.
    private var hasLauncher: Bool { access(settings.processes.directory, F_OK) == 0 }

    /// Takes away what an attempt that has ended had. What cannot be removed now is found with the next list.
    func clean(_ attempt: AttemptID) async {
        let files = files(attempt)
        guard files.isThere || access(files.state, F_OK) == 0 else { return }
        // What is left is found with the next list.
        _ = try? await turns.run("\(attempt)") { try await self.remove(files) }
    }

    func remove(_ files: ContainerFiles) async throws(RuntimeError) {
        let shares = shares
        try await blocking("removing a container's files") { () throws(RuntimeError) in
            try files.remove()
            shares.release(files)
        }
    }

    /// An init, and a shell, say of what was killed by a signal that it ended with 128 and the signal's number.
    private static func told(_ exit: AttemptExit) -> AttemptExit {
        guard let code = exit.code, code > 128, code < 160, exit.reason == "exit code \(code)" else {
            return exit
        }
        var exit = exit
        exit.reason = "killed by \(SignalName.of(code - 128))"
        return exit
    }

    public func logs(_ attempt: AttemptID, _ query: LogQuery) async throws(RuntimeError) -> any LogReader {
        try await processes.logs(attempt, query)
    }

    public func trimLogs(_ retention: LogRetention) async throws(RuntimeError) {
        guard hasLauncher else { return }
        try await processes.trimLogs(retention)
        try await images.collect(keepingImages: try await imagesInUse())
    }

    /// Those of containers that are there, running or about to.
    private func imagesInUse() async throws(RuntimeError) -> Set<ImageDigest> {
        let settings = settings
        return try await blocking("finding the images of containers") { () throws(RuntimeError) in
            var found: Set<ImageDigest> = []
            for attempt in ContainerFiles.attempts(in: settings.containers) {
                let files = ContainerFiles(settings: settings, attempt: attempt)
                // One that is being made says so before anything is mounted, and keeps images by the start that it is of.
                guard let bytes = ContainerFiles.read(files.image, limit: 1024) else { continue }
                do throws(ImageError) {
                    found.insert(try ImageDigest(parsing: String(decoding: bytes, as: UTF8.self)))
                } catch {
                    throw .failed("the record of a container's image is damaged: \(error)")
                }
            }
            return found
        }
    }

    public func usage(_ attempt: AttemptID) async throws(RuntimeError) -> AttemptUsage? {
        try await processes.usage(attempt)
    }

    public func diskUse(_ attempt: AttemptID) async throws(RuntimeError) -> DirectoryTree.Size? {
        let upper = files(attempt).upper
        return try await blocking("measuring what a container wrote") { () throws(RuntimeError) in
            DirectoryTree.measure(upper)
        }
    }

    /// Lets go of the launcher, which stays as long as attempts run.
    public func close() { processes.close() }

    /// As ``ProcessRuntime/shutDownLauncher()``.
    public func shutDownLauncher() async throws(RuntimeError) { try await processes.shutDownLauncher() }
}
