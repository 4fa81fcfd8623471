import ClusterModel
import Concurrency
import Core
import Files
import Glibc
import ProcessRuntimes
import Synchronization
import TaskRuntimeContract
import TaskRuntimes
import Testing

/// A process runtime in a directory of its own, of which nothing is left after ``with(_:_:)``.
final class ProcessRuntimeFixture: Sendable {
    let directory: String
    let settings: ProcessRuntime.Settings
    let runtime: ProcessRuntime

    static var isRoot: Bool { geteuid() == 0 }
    static var hasVersion1: Bool { isRoot && access("/sys/fs/cgroup/freezer/cgroup.procs", W_OK) == 0 }

    /// A program that lies beside the tests.
    static func program(_ name: String) -> String {
        var buffer = [CChar](repeating: 0, count: 4096)
        let count = readlink("/proc/self/exe", &buffer, buffer.count)
        let path = String(decoding: buffer[..<max(0, count)].map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let own = path[..<(path.lastIndex(of: "/") ?? path.startIndex)] + "/\(name)"
        if access(String(own), X_OK) == 0 { return String(own) }
        // Under a helper of the toolchain the tests are a file that it was given.
        let bundle = CommandLine.arguments.first { $0.hasSuffix(".xctest") } ?? CommandLine.arguments[0]
        return bundle[..<(bundle.lastIndex(of: "/") ?? bundle.startIndex)] + "/\(name)"
    }

    private init(_ change: (inout ProcessRuntime.Settings) -> Void) throws {
        var template = Array("/tmp/apollo-process-XXXXXX".utf8CString)
        try #require(mkdtemp(&template) != nil)
        directory = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        var settings = ProcessRuntime.Settings(
            directory: directory, launcher: [Self.program("apollo-launcher")])
        settings.launcherIdle = .seconds(20)
        change(&settings)
        self.settings = settings
        runtime = ProcessRuntime(settings: settings, environment: .live)
    }

    /// One more runtime over the same directory, as after a restart.
    func another() -> ProcessRuntime { ProcessRuntime(settings: settings, environment: .live) }

    /// Runs `body`, then ends and deletes everything, and expects that it can.
    static func with(
        _ change: (inout ProcessRuntime.Settings) -> Void = { _ in },
        _ body: (ProcessRuntimeFixture) async throws -> Void
    ) async throws {
        let fixture = try ProcessRuntimeFixture(change)
        do {
            try await body(fixture)
        } catch {
            try? await fixture.tearDown()
            throw error
        }
        try await fixture.tearDown()
    }

    private func tearDown() async throws {
        for attempt in try await runtime.list() {
            try await runtime.stop(attempt.attempt, grace: .zero)
            try await runtime.remove(attempt.attempt)
        }
        try await runtime.shutDownLauncher()
        await LauncherEnd(lock: directory + "/launcher.lock").wait()
        #expect(Self.cgroups(of: directory) == [], "cgroups are left")
        let left = try #require(names(in: directory)).filter { name in
            !name.hasPrefix("launcher.") && name != "journal"
                // What output and files of attempts were in: the directories stay, and are empty.
                && !(["attempts", "scratch"].contains(name) && names(in: directory + "/\(name)") == [])
        }
        #expect(left == [], "files are left")
        try deleteTree(directory)
    }

    /// The cgroups made for launchers, in every hierarchy.
    static func cgroups(of directory: String) -> [String] {
        let hash = directory.utf8.reduce(UInt32(2_166_136_261)) { ($0 ^ UInt32($1)) &* 16_777_619 }
        let name = "apollo-\(String(hash, radix: 16))"
        var found: [String] = []
        func look(_ path: String, _ depth: Int) {
            for entry in names(in: path) ?? [] {
                if entry == name { found.append(path + "/" + entry) }
                if depth > 0, isDirectory(path + "/" + entry) { look(path + "/" + entry, depth - 1) }
            }
        }
        look("/sys/fs/cgroup", 4)
        return found
    }

    // What tests ask for again and again.

    func launch(_ script: String, _ change: (inout TaskSpec) -> Void = { _ in }) -> AttemptLaunch {
        var spec = TaskSpec(executable: "/bin/sh", command: ["-c", script])
        change(&spec)
        let environment = Environment.live
        return AttemptLaunch(
            attempt: environment.identifier(), task: environment.identifier(), taskName: "test",
            project: "default",
            spec: spec)
    }

    func start(_ script: String, _ change: (inout TaskSpec) -> Void = { _ in }) async throws -> AttemptID {
        let launch = launch(script, change)
        _ = try await runtime.start(launch) { _ in }
        return launch.attempt
    }

    func run(
        _ script: String, _ change: (inout TaskSpec) -> Void = { _ in }
    ) async throws -> (exit: AttemptExit, text: String) {
        let attempt = try await start(script, change)
        let exit = try await runtime.wait(attempt)
        return (exit, try await text(of: attempt))
    }

    func text(
        of attempt: AttemptID, _ query: LogQuery = LogQuery(), by other: ProcessRuntime? = nil
    ) async throws -> String {
        let reader = try await (other ?? runtime).logs(attempt, query)
        var bytes: [UInt8] = []
        while let batch = try await reader.next() { for record in batch { bytes += record.bytes } }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Reads the output until it contains `text`, and returns it.
    func await(_ text: String, from attempt: AttemptID, by other: ProcessRuntime? = nil) async throws
        -> String
    {
        let reader = try await (other ?? runtime).logs(attempt, LogQuery(follow: true))
        var found = ""
        while !found.contains(text), let batch = try await reader.next() {
            for record in batch { found += String(decoding: record.bytes, as: UTF8.self) }
        }
        await reader.close()
        try #require(found.contains(text), "the output was '\(found)'")
        return found
    }
}

/// Nil where it cannot be read.
func names(in directory: String) -> [String]? { try? DirectoryNames.list(directory) }

func isDirectory(_ path: String) -> Bool {
    var status = stat()
    return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
}

/// Deletes a directory of the tests' own.
func deleteTree(_ path: String) throws {
    for name in names(in: path) ?? [] {
        let entry = path + "/" + name
        if isDirectory(entry) { try deleteTree(entry) } else { try #require(unlink(entry) == 0) }
    }
    try #require(rmdir(path) == 0)
}

/// Whether there is a process of this number that is not a zombie.
func isAlive(_ pid: Int32) -> Bool {
    guard let file = fopen("/proc/\(pid)/stat", "r") else { return false }
    defer { fclose(file) }
    var buffer = [CChar](repeating: 0, count: 1024)
    guard fgets(&buffer, 1024, file) != nil else { return false }
    let text = String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    guard let end = text.lastIndex(of: ")") else { return false }
    return text[end...].split(separator: " ").dropFirst().first.map { $0 != "Z" && $0 != "X" } ?? false
}

/// Waits, on a thread of its own, until no launcher serves a directory: one holds its lock as long as it lives.
actor LauncherEnd {
    private let executor = ThreadExecutor(name: "launcher-end")
    private let lock: String

    init(lock: String) { self.lock = lock }

    deinit { executor.stop() }

    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    func wait() {
        let file = open(lock, O_RDWR)
        flock(file, LOCK_EX)
        close(file)
    }
}
