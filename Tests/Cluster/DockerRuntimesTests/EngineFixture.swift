import ClusterModel
import Concurrency
import Core
import Glibc
import HTTPClients
import HTTPModel
import Synchronization
import TaskRuntimes

@testable import DockerRuntimes

/// A real engine for the tests that need one: the one of `DOCKER_HOST`, or the machine's.
enum EngineFixture {
    static let reason: String =
        "needs a container engine (scripts/docker-engine start, DOCKER_HOST) and busybox-static"

    static var variables: [String: String] {
        var variables: [String: String] = [:]
        for name in ["DOCKER_HOST", "XDG_RUNTIME_DIR"] {
            if let value = getenv(name) { variables[name] = String(cString: value) }
        }
        return variables
    }

    /// Whether something listens at a socket of an engine; asked once.
    static let isAvailable: Bool = {
        guard BusyboxImage.isThere, let location = try? EngineLocation(configured: [], variables: variables)
        else {
            return false
        }
        return location.candidates.contains(where: isListening)
    }()

    private static func isListening(_ path: String) -> Bool {
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        guard path.utf8.count < MemoryLayout.size(ofValue: address.sun_path) else { return false }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
            }
        }
    }

    /// A runtime of an instance of its own, over an engine that has the image.
    static func makeRuntime(instance: String) async throws -> DockerRuntime {
        let runtime = DockerRuntime(DockerRuntimeConfiguration(instance: instance, variables: variables))
        try await loader.load(with: runtime)
        return runtime
    }

    static func freshInstance() -> String { "test-\(Environment.live.identifier(of: AttemptKind.self))" }

    /// Runs `body` with a runtime of its own, and removes every container of it, whatever happens.
    static func run<Value>(_ body: (DockerRuntime) async throws -> Value) async throws -> Value {
        let runtime = try await makeRuntime(instance: freshInstance())
        do {
            let value = try await body(runtime)
            try await cleanUp(runtime)
            return value
        } catch {
            try? await cleanUp(runtime)
            throw error
        }
    }

    static func cleanUp(_ runtime: DockerRuntime) async throws {
        for attempt in try await runtime.list() {
            try await runtime.stop(attempt.attempt, grace: .zero)
            try await runtime.remove(attempt.attempt)
        }
    }

    private static let loader = ImageLoader()

    /// Loads the image, once for all tests.
    private actor ImageLoader {
        private var isLoaded = false

        func load(with runtime: DockerRuntime) async throws {
            guard !isLoaded else { return }
            let engine = try await runtime.session.engine()
            let request = HTTPClientRequest(
                .post, "http://engine/v\(engine.apiVersion)/images/load?quiet=1",
                fields: HTTPFields(["Content-Type": "application/x-tar"]),
                body: .bytes(try BusyboxImage.archive()),
                timeouts: HTTPTimeouts(total: .seconds(60)), unixSocket: engine.socket)
            let response = try await engine.http.send(request)
            let answer = try await response.body.collect(upTo: 1 << 20)
            guard response.status == .ok, try await engine.inspectImage(BusyboxImage.reference).id != ""
            else {
                throw ApolloError(.internal, String(decoding: answer, as: UTF8.self))
            }
            isLoaded = true
        }
    }
}

extension BusyboxImage {
    static var reference: ImageReference { ImageReference(parsing: name)! }

    static func shell(_ script: String) -> TaskSpec {
        TaskSpec(image: name, command: ["sh", "-c", script], pull: .never)
    }
}

extension AttemptLaunch {
    /// A launch of `spec` with ids of its own.
    static func fresh(_ spec: TaskSpec, name: String = "test") -> AttemptLaunch {
        AttemptLaunch(
            attempt: Environment.live.identifier(), task: Environment.live.identifier(), taskName: name,
            project: "default", spec: spec)
    }
}

extension DockerRuntime {
    /// Starts `spec`, waits for its end, and returns that and the text it wrote.
    func run(_ spec: TaskSpec) async throws -> (exit: AttemptExit, text: String) {
        let launch = AttemptLaunch.fresh(spec)
        _ = try await start(launch) { _ in }
        let exit = try await wait(launch.attempt)
        return (exit, try await text(launch.attempt))
    }

    func text(_ attempt: AttemptID, _ query: LogQuery = LogQuery()) async throws -> String {
        let reader = try await logs(attempt, query)
        var bytes: [UInt8] = []
        while let batch = try await reader.next() { for record in batch { bytes += record.bytes } }
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// The runtime's error that `body` throws, or nil.
func failure(_ body: () async throws -> Void) async -> RuntimeError? {
    do {
        try await body()
        return nil
    } catch let error as RuntimeError {
        return error
    } catch {
        return .failed("not a runtime's error: \(error)")
    }
}
