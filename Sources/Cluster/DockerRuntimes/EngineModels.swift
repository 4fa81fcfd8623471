/// What `/version` says.
struct EngineVersion: Hashable, Sendable, Decodable {
    struct Component: Hashable, Sendable, Decodable {
        var name: String
        enum CodingKeys: String, CodingKey { case name = "Name" }
    }

    var version: String
    var apiVersion: String
    var minimumAPIVersion: String?
    var components: [Component]?

    enum CodingKeys: String, CodingKey {
        case version = "Version"
        case apiVersion = "ApiVersion"
        case minimumAPIVersion = "MinAPIVersion"
        case components = "Components"
    }

    /// `Docker`, or `Podman`, whose engine answers under Docker's names.
    var product: String {
        components?.contains { $0.name.hasPrefix("Podman") } == true ? "Podman" : "Docker"
    }
}

/// What `/info` says that matters here: what the kernel and the engine can do.
struct EngineInfo: Hashable, Sendable, Decodable {
    struct Plugins: Hashable, Sendable, Decodable {
        /// The drivers for logs.
        var log: [String]?
        enum CodingKeys: String, CodingKey { case log = "Log" }
    }

    var cgroupDriver: String?
    var cgroupVersion: String?
    var memoryLimit: Bool?
    var swapLimit: Bool?
    var processLimit: Bool?
    var cpuQuota: Bool?
    var plugins: Plugins?

    enum CodingKeys: String, CodingKey {
        case cgroupDriver = "CgroupDriver"
        case cgroupVersion = "CgroupVersion"
        case memoryLimit = "MemoryLimit"
        case swapLimit = "SwapLimit"
        case processLimit = "PidsLimit"
        case cpuQuota = "CpuCfsQuota"
        case plugins = "Plugins"
    }
}

/// What `/images/{name}/json` says.
struct ImageInspection: Hashable, Sendable, Decodable {
    struct Configuration: Hashable, Sendable, Decodable {
        var entrypoint: [String]?
        var command: [String]?
        var environment: [String]?
        var workingDirectory: String?

        enum CodingKeys: String, CodingKey {
            case entrypoint = "Entrypoint"
            case command = "Cmd"
            case environment = "Env"
            case workingDirectory = "WorkingDir"
        }
    }

    var id: String
    var configuration: Configuration?

    enum CodingKeys: String, CodingKey {
        case id = "Id"
        case configuration = "Config"
    }
}

/// One container of `/containers/json`.
struct ContainerSummary: Hashable, Sendable, Decodable {
    var id: String
    var labels: [String: String]?

    enum CodingKeys: String, CodingKey {
        case id = "Id"
        case labels = "Labels"
    }
}

/// What `/containers/{id}/stats` says that matters here.
struct ContainerStatistics: Hashable, Sendable, Decodable {
    struct Processor: Hashable, Sendable, Decodable {
        struct Usage: Hashable, Sendable, Decodable {
            /// Nanoseconds.
            var total: UInt64?
            enum CodingKeys: String, CodingKey { case total = "total_usage" }
        }
        var usage: Usage?
        enum CodingKeys: String, CodingKey { case usage = "cpu_usage" }
    }

    struct Memory: Hashable, Sendable, Decodable {
        var usage: Int64?
        var details: [String: Int64]?
        enum CodingKeys: String, CodingKey {
            case usage
            case details = "stats"
        }
    }

    struct Processes: Hashable, Sendable, Decodable { var current: Int? }

    struct Disks: Hashable, Sendable, Decodable {
        struct Entry: Hashable, Sendable, Decodable {
            var op: String?
            var value: Int64?
        }
        /// Null where the kernel does not count.
        var entries: [Entry]?
        enum CodingKeys: String, CodingKey { case entries = "io_service_bytes_recursive" }

        func sum(_ operation: String) -> Int64? {
            entries.map { $0.filter { $0.op?.lowercased() == operation }.reduce(0) { $0 + ($1.value ?? 0) } }
        }
    }

    /// When it was read; the year 1 for a container that does not run.
    var read: String?
    var processor: Processor?
    var memory: Memory?
    var processes: Processes?
    var disks: Disks?

    enum CodingKeys: String, CodingKey {
        case read
        case disks = "blkio_stats"
        case processor = "cpu_stats"
        case memory = "memory_stats"
        case processes = "pids_stats"
    }
}
