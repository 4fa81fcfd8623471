import Concurrency
import Core
import Documents
import HTTPClients
import HTTPModel
import Synchronization
import TaskRuntimes

/// Finds the engine and agrees with it on a version, once, and again after it was gone.
final class EngineSession: Sendable {
    private struct Found {
        var engine: Engine
        var version: EngineVersion
        var abilities: EngineAbilities?
    }

    private let configuration: DockerRuntimeConfiguration
    private let http: HTTPClient
    private let found = Mutex<Found?>(nil)

    /// The versions of the API that this runtime was written for.
    static let oldest = APIVersion(major: 1, minor: 40)
    static let newest = APIVersion(major: 1, minor: 51)

    init(_ configuration: DockerRuntimeConfiguration, environment: Environment) {
        self.configuration = configuration
        // Every running attempt has a wait open, and each reader of a log a connection.
        let client = HTTPClientConfiguration(
            retry: HTTPRetryPolicy(
                backoff: Backoff(base: .milliseconds(50), cap: .milliseconds(500), limit: 2), statuses: [503]),
            usesEnvironmentProxy: false, maximumConcurrentRequests: 8192, maximumIdleConnections: 16)
        http = HTTPClient(client, environment: environment)
    }

    /// The engine, found and agreed with.
    func engine() async throws(RuntimeError) -> Engine {
        if let engine = found.withLock({ $0?.engine }) { return engine }
        return try await connect().engine
    }

    /// What the engine can do.
    func abilities() async throws(RuntimeError) -> EngineAbilities {
        if let abilities = found.withLock({ $0?.abilities }) { return abilities }
        let engine = try await engine()
        let info: EngineInfo
        do throws(EngineFailure) { info = try await engine.info() } catch {
            throw error.runtimeError("asking the engine what it can do")
        }
        let abilities = EngineAbilities(info)
        found.withLock { $0?.abilities = abilities }
        return abilities
    }

    /// To be called after a failed connection: the engine that comes back may be another one.
    func forget() { found.withLock { $0 = nil } }

    /// Asks the engine anew, and says what it is: `Docker 20.10.24, cgroup v1`.
    func describe() async throws(RuntimeError) -> String {
        let (engine, version) = try await connect()
        let info: EngineInfo
        do throws(EngineFailure) { info = try await engine.info() } catch {
            throw error.runtimeError("asking the engine what it can do")
        }
        let abilities = EngineAbilities(info)
        found.withLock { $0?.abilities = abilities }
        var parts = ["\(version.product) \(version.version)"]
        if let cgroup = info.cgroupVersion { parts.append("cgroup v\(cgroup)") }
        let missing = abilities.missing
        if !missing.isEmpty { parts.append("cannot limit \(missing.joined(separator: ", "))") }
        return parts.joined(separator: ", ")
    }

    /// Takes the first engine that answers.
    private func connect() async throws(RuntimeError) -> (engine: Engine, version: EngineVersion) {
        let location = try EngineLocation(
            configured: configuration.sockets, variables: configuration.variables)
        var firstError: RuntimeError?
        for socket in try location.sockets() {
            do throws(RuntimeError) { return try await connect(to: socket) } catch {
                if error == .cancelled { throw error }
                firstError = firstError ?? error
            }
        }
        throw firstError ?? .unavailable("no container engine", hint: EngineLocation.installHint)
    }

    private func connect(
        to socket: String
    ) async throws(RuntimeError) -> (engine: Engine, version: EngineVersion) {
        let probe = Engine(http: http, socket: socket, apiVersion: "\(Self.oldest)")
        let version: EngineVersion
        do throws(EngineFailure) { version = try await probe.version() } catch {
            throw Self.unreachable(error, socket: socket)
        }
        guard let agreed = Self.agree(version) else {
            throw .unavailable(
                "the engine at \(socket) speaks API \(version.minimumAPIVersion ?? "?") to \(version.apiVersion), "
                    + "Apollo \(Self.oldest) to \(Self.newest)",
                hint: "install Docker 20.10 or Podman 4, or newer")
        }
        let engine = Engine(http: http, socket: socket, apiVersion: "\(agreed)")
        found.withLock { $0 = Found(engine: engine, version: version, abilities: nil) }
        return (engine, version)
    }

    /// The newest version that both ends speak.
    static func agree(_ version: EngineVersion) -> APIVersion? {
        guard let theirs = APIVersion(parsing: version.apiVersion) else { return nil }
        let minimum = version.minimumAPIVersion.flatMap { APIVersion(parsing: $0) }
        let agreed = min(theirs, newest)
        guard agreed >= oldest, agreed >= minimum ?? oldest else { return nil }
        return agreed
    }

    private static func unreachable(_ failure: EngineFailure, socket: String) -> RuntimeError {
        guard case .transport(.couldNotConnect(let path, let reason)) = failure, reason != "permission denied"
        else {
            return failure.runtimeError("connecting to the container engine")
        }
        return .unavailable(
            "no container engine answers: cannot connect to \(path): \(reason)",
            hint: EngineLocation.installHint)
    }
}

/// A version of the Engine API, such as `1.41`.
struct APIVersion: Hashable, Comparable, Sendable, CustomStringConvertible {
    var major: Int
    var minor: Int

    init(major: Int, minor: Int) {
        self.major = major
        self.minor = minor
    }

    init?(parsing text: String) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, let major = Int(parts[0]), let minor = Int(parts[1]) else { return nil }
        self.init(major: major, minor: minor)
    }

    static func < (a: Self, b: Self) -> Bool { (a.major, a.minor) < (b.major, b.minor) }

    var description: String { "\(major).\(minor)" }
}

extension Engine {
    func info() async throws(EngineFailure) -> EngineInfo {
        try await fetch(EngineInfo.self, Call(method: .get, path: "/info", timeouts: Self.probing))
    }

    /// Asked without a version, which is not agreed yet.
    func version() async throws(EngineFailure) -> EngineVersion {
        let request = HTTPClientRequest(
            .get, "http://engine/version", timeouts: Self.probing, retry: .never, unixSocket: socket)
        let response: HTTPClientResponse
        do throws(HTTPClientError) { response = try await http.send(request) } catch {
            throw .transport(error)
        }
        let bytes = try await Self.bytes(of: response, limit: 1 << 20)
        guard response.status == .ok else {
            throw .refused(status: response.status.rawValue, message: String(decoding: bytes, as: UTF8.self))
        }
        do {
            return try JSONReader.decode(EngineVersion.self, from: bytes)
        } catch {
            throw .malformed("what answers at \(socket) is no container engine")
        }
    }

    private static let probing = HTTPTimeouts(connect: .seconds(2), idle: nil, total: .seconds(5))
}
