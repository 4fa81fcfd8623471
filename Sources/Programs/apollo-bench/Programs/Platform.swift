import APIClients
import Benchmarks
import ClusterModel
import Core
import Glibc
import HTTPClients
import Identity
import PlatformClients

/// The platform as a user runs it, `apollo up`, on a directory of the workshop.
struct Platform: Sendable {
    static let version = "0.1.0"

    /// `http://127.0.0.1:PORT`.
    let address: String
    let token: String
    let pid: Int32
    let data: String

    /// - Parameter name: of its directory in the workshop; another for each platform there.
    static func start(
        in workshop: Workshop, verb: String = "up", name: String = "data", arguments: [String] = [],
        variables: [String: String] = [:]
    ) async throws -> Platform {
        let apollo = try OwnPrograms.apollo()
        let data = workshop.path(name)
        // The launchers outlive the platform by design: they are asked to end once the platform has, so this comes first.
        workshop.onClose { await endLaunchers(of: data, workshop) }
        let child = try workshop.start(
            apollo, [verb, "--data", data, "--port", "0", "--log-level", "warning"] + arguments,
            variables: variables, log: "platform-\(name)")
        let address = try await workshop.waiting(for: "the start of the platform") {
            guard child.isRunning else {
                let said = try TextFile.read(workshop.path("platform-\(name).errors")) ?? ""
                throw ApolloError(.unavailable, "the platform ended: \(said)")
            }
            let text = try TextFile.read(data + "/address") ?? ""
            return text.hasSuffix("\n") ? String(text.dropLast()) : nil
        }
        return Platform(
            address: address, token: try AdminTokenFile.load(in: data).text, pid: child.pid, data: data)
    }

    /// The platform's own process and its launchers.
    func processes() throws -> [ProcessFacts] {
        let launchers = try Self.launchers(of: data)
        return try ProcessFacts.tree(of: pid) + launchers.filter { $0.pid != pid }
    }

    /// A client that keeps its connections.
    func client(connections: Int = 4) -> PlatformClient {
        PlatformClient(
            APIClient(
                address: address, project: "default", token: token,
                http: HTTPClient(HTTPClientConfiguration(maximumIdleConnections: connections))))
    }

    private static func launchers(of data: String) throws -> [ProcessFacts] {
        try ProcessFacts.naming(data + "/processes") + ProcessFacts.naming(data + "/oci/launcher")
    }

    private static func endLaunchers(of data: String, _ workshop: Workshop) async {
        // What cannot be seen cannot be ended either; the launcher then ends by itself when it has been idle.
        for launcher in (try? launchers(of: data)) ?? [] { kill(launcher.pid, SIGTERM) }
    }
}

extension TaskRequest {
    /// An executable of the host.
    static func process(_ executable: String, _ arguments: [String] = []) -> TaskRequest {
        TaskRequest(spec: TaskSpec(executable: executable, command: arguments))
    }
}

extension PlatformClient {
    /// Submits a task and follows it until it has completed. Any other end is an error.
    func runToEnd(_ request: TaskRequest, in workshop: Workshop) async throws -> TaskRecord {
        let submitted = try await submit(request, key: String(workshop.environment.random.next(), radix: 36))
        var events = try await watch(submitted.id.text)
        while let event = try await events.next() {
            guard case .state(let record) = event, record.state.isFinal else { continue }
            guard record.state == .completed else {
                throw ApolloError(
                    .unavailable, "task \(record.name) is \(record.state.rawValue): \(record.reason)")
            }
            return record
        }
        throw ApolloError(.unavailable, "the events of task \(submitted.name) ended before the task did")
    }
}
