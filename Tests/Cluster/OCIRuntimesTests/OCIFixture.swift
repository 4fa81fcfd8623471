import ClusterModel
import Concurrency
import Core
import Files
import Glibc
import OCIRuntimes
import ProcessRuntimes
import TaskRuntimes
import TestImages
import Testing
import UnpackedImages

/// An oci runtime in a directory of its own, of which nothing is left after ``with(_:)``.
final class OCIFixture: Sendable {
    let directory: String
    let settings: OCISettings
    let images: ImageStore
    let runtime: OCIRuntime

    /// Why containers cannot be made on this machine; empty where they can.
    static let obstacle: String = {
        if geteuid() != 0 { return "needs root" }
        if !BusyboxLayer.isThere { return "needs busybox-static" }
        let places = ["/usr/sbin/runc", "/usr/bin/runc", "/usr/local/sbin/runc", "/usr/local/bin/runc"]
        if !places.contains(where: { access($0, X_OK) == 0 }) { return "needs runc" }
        return ""
    }()
    static var isUsable: Bool { obstacle.isEmpty }

    private init(_ change: (inout OCISettings, _ directory: String) throws -> Void) throws {
        var template = Array("/tmp/apollo-oci-XXXXXX".utf8CString)
        try #require(mkdtemp(&template) != nil)
        directory = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        var settings = OCISettings(directory: directory, launcher: [Self.program("apollo-launcher")])
        settings.processes.launcherIdle = .seconds(20)
        try change(&settings, directory)
        self.settings = settings
        images = ImageStore(
            settings: .init(directory: settings.images), source: try BusyboxImage.registry(),
            environment: .live)
        runtime = OCIRuntime(settings: settings, images: images, environment: .live)
    }

    /// A program that lies beside the tests.
    private static func program(_ name: String) -> String {
        let bundle = CommandLine.arguments.first { $0.hasSuffix(".xctest") } ?? CommandLine.arguments[0]
        return bundle[..<(bundle.lastIndex(of: "/") ?? bundle.startIndex)] + "/\(name)"
    }

    /// One more runtime over the same directory, as after a restart.
    func another() -> OCIRuntime { OCIRuntime(settings: settings, images: images, environment: .live) }

    /// Runs `body`, then ends and deletes everything, and expects that it can.
    static func with(
        settings change: (inout OCISettings, _ directory: String) throws -> Void = { _, _ in },
        _ body: (OCIFixture) async throws -> Void
    ) async throws {
        let fixture = try OCIFixture(change)
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
        for name in ["containers", "runc"] {
            #expect(Self.names(in: "\(directory)/\(name)") ?? [] == [], "left in \(name)")
        }
        #expect(Self.mounts(below: directory) == [], "mounts are left")
        try DirectoryTree.remove(directory)
    }

    static func mounts(below directory: String) -> [String] {
        guard let file = fopen("/proc/self/mountinfo", "r") else { return ["unknown"] }
        defer { fclose(file) }
        var found: [String] = []
        var line = [CChar](repeating: 0, count: 8192)
        while fgets(&line, Int32(line.count), file) != nil {
            let text = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            if text.contains(" \(directory)/") { found.append(text) }
        }
        return found
    }

    /// Nil where it cannot be read.
    static func names(in directory: String) -> [String]? { try? DirectoryNames.list(directory) }

    func launch(
        _ script: String, gpus: [AssignedGPU] = [], _ change: (inout TaskSpec) -> Void = { _ in }
    ) -> AttemptLaunch {
        var spec = TaskSpec(
            image: BusyboxImage.name, requestedRuntime: .oci, command: ["sh", "-c", script])
        change(&spec)
        let environment = Environment.live
        return AttemptLaunch(
            attempt: environment.identifier(), task: environment.identifier(), taskName: "test",
            project: "default", spec: spec, gpus: gpus)
    }

    /// Runs a script to its end: how it ended, and what it wrote.
    func run(
        _ script: String, gpus: [AssignedGPU] = [], _ change: (inout TaskSpec) -> Void = { _ in }
    ) async throws -> (exit: AttemptExit, text: String) {
        let launch = launch(script, gpus: gpus, change)
        _ = try await runtime.start(launch) { _ in }
        let exit = try await runtime.wait(launch.attempt)
        let reader = try await runtime.logs(launch.attempt, LogQuery())
        var bytes: [UInt8] = []
        while let batch = try await reader.next() { for record in batch { bytes += record.bytes } }
        return (exit, String(decoding: bytes, as: UTF8.self))
    }
}
