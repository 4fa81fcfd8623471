import ClusterModel
import Core
import TaskRuntimes

/// What `/containers/{id}/json` says, as far as it matters here.
struct ContainerInspection: Hashable, Sendable, Decodable {
    struct State: Hashable, Sendable, Decodable {
        var status: String
        var isRunning: Bool
        var isPaused: Bool?
        var outOfMemory: Bool?
        var exitCode: Int32
        var error: String?
        var startedAt: String
        var finishedAt: String

        enum CodingKeys: String, CodingKey {
            case status = "Status"
            case isRunning = "Running"
            case isPaused = "Paused"
            case outOfMemory = "OOMKilled"
            case exitCode = "ExitCode"
            case error = "Error"
            case startedAt = "StartedAt"
            case finishedAt = "FinishedAt"
        }
    }

    struct Configuration: Hashable, Sendable, Decodable {
        var labels: [String: String]?
        var stopSignal: String?
        var environment: [String]?
        var workingDirectory: String?

        enum CodingKeys: String, CodingKey {
            case environment = "Env"
            case workingDirectory = "WorkingDir"
            case labels = "Labels"
            case stopSignal = "StopSignal"
        }
    }

    struct HostConfiguration: Hashable, Sendable, Decodable {
        var memory: Int64?
        var portBindings: [String: [PortBinding]?]?

        enum CodingKeys: String, CodingKey {
            case memory = "Memory"
            case portBindings = "PortBindings"
        }
    }

    struct Network: Hashable, Sendable, Decodable {
        struct Endpoint: Hashable, Sendable, Decodable {
            var address: String?
            enum CodingKeys: String, CodingKey { case address = "IPAddress" }
        }

        var ports: [String: [PortBinding]?]?
        var networks: [String: Endpoint]?

        /// Its own address; nil where it has the host's network, or none.
        var address: String? {
            networks?.sorted { $0.key < $1.key }.lazy.compactMap(\.value.address).first { !$0.isEmpty }
        }

        enum CodingKeys: String, CodingKey {
            case ports = "Ports"
            case networks = "Networks"
        }
    }

    var id: String
    var state: State
    var configuration: Configuration
    var host: HostConfiguration
    var network: Network?
    /// Bytes of its writable layer; only where that was asked for.
    var writtenSize: Int64?

    enum CodingKeys: String, CodingKey {
        case id = "Id"
        case state = "State"
        case configuration = "Config"
        case host = "HostConfig"
        case network = "NetworkSettings"
        case writtenSize = "SizeRw"
    }
}

/// An address and port of the host, both as text.
struct PortBinding: Hashable, Sendable, Codable {
    var address: String?
    var port: String?

    enum CodingKeys: String, CodingKey {
        case address = "HostIp"
        case port = "HostPort"
    }
}

extension ContainerInspection {
    /// Nil for a container that was made and never ran.
    var startedAt: Timestamp? { Self.time(state.startedAt) }

    /// Whether it ran, and does no more.
    var hasEnded: Bool {
        !state.isRunning && startedAt != nil && ["exited", "dead", "removing"].contains(state.status)
    }

    /// The engine writes the year 1 for what has not been.
    private static func time(_ text: String) -> Timestamp? {
        guard let time = Timestamp(parsing: text), time.microseconds > 0 else { return nil }
        return time
    }

    /// How it ended; nil while it runs or has not begun.
    var exit: AttemptExit? {
        guard hasEnded, let startedAt else { return nil }
        return ExitDescription(
            code: state.exitCode, outOfMemory: state.outOfMemory ?? false,
            memoryLimit: host.memory.flatMap { $0 > 0 ? ByteCount($0) : nil }, error: state.error ?? ""
        ).exit(at: Self.time(state.finishedAt) ?? startedAt)
    }

    /// The most that it may have on disk.
    var diskLimit: ByteCount? {
        (configuration.labels?[ContainerLabel.disk]).flatMap { Int64($0) }.map { ByteCount($0) }
    }

    /// The ports given, in the order of the specification's, which a label keeps.
    var ports: [PortMapping] {
        let wanted = configuration.labels?[ContainerLabel.ports].map(PortList.decode) ?? []
        return wanted.map { mapping in
            var mapping = mapping
            let key = "\(mapping.container)/\(mapping.transport.rawValue)"
            let bindings = (network?.ports?[key] ?? nil) ?? []
            // One port may be bound on several addresses; the one of the same address is meant.
            let binding = bindings.first { $0.address == mapping.address } ?? bindings.first
            if let port = binding?.port.flatMap({ UInt16($0) }), port != 0 { mapping.host = port }
            return mapping
        }
    }
}
