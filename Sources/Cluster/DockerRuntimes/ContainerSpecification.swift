import ClusterModel
import Core
import TaskRuntimes

/// The body of `/containers/create`. Built by ``ContainerSpecification/init(_:instance:abilities:options:)``, which is pure.
struct ContainerSpecification: Hashable, Sendable, Encodable {
    var image: String
    var command: [String]?
    var entrypoint: [String]?
    var environment: [String]
    var workingDirectory: String?
    var user: String?
    var labels: [String: String]
    var exposedPorts: [String: [String: String]]?
    var host: HostSpecification

    enum CodingKeys: String, CodingKey {
        case image = "Image"
        case command = "Cmd"
        case entrypoint = "Entrypoint"
        case environment = "Env"
        case workingDirectory = "WorkingDir"
        case user = "User"
        case labels = "Labels"
        case exposedPorts = "ExposedPorts"
        case host = "HostConfig"
    }
}

/// What of a container concerns the host: `HostConfig` of the API.
struct HostSpecification: Hashable, Sendable, Encodable {
    struct Mount: Hashable, Sendable, Encodable {
        let type = "bind"
        var source: String
        var target: String
        var readOnly: Bool

        enum CodingKeys: String, CodingKey {
            case type = "Type"
            case source = "Source"
            case target = "Target"
            case readOnly = "ReadOnly"
        }
    }

    struct LogConfiguration: Hashable, Sendable, Encodable {
        var type: String
        var options: [String: String]

        enum CodingKeys: String, CodingKey {
            case type = "Type"
            case options = "Config"
        }
    }

    struct Restart: Hashable, Sendable, Encodable {
        /// Restarts are Apollo's: it knows of back-off, of other nodes, and counts them.
        let name = "no"
        enum CodingKeys: String, CodingKey { case name = "Name" }
    }

    struct DeviceRequest: Hashable, Sendable, Encodable {
        /// How many, where it does not matter which.
        var count: Int?
        /// Which.
        var devices: [String]?
        let capabilities = [["gpu"]]

        enum CodingKeys: String, CodingKey {
            case count = "Count"
            case devices = "DeviceIDs"
            case capabilities = "Capabilities"
        }
    }

    var mounts: [Mount]?
    var portBindings: [String: [PortBinding]]?
    var nanoCPUs: Int64?
    var memory: Int64?
    /// Memory and swap together: the same as `memory`, or the limit would only move pages to the disk.
    var memoryAndSwap: Int64?
    var processLimit: Int64?
    var deviceRequests: [DeviceRequest]?
    var resolvers: [String]?
    var searchDomains: [String]?
    let restart = Restart()
    var usesInit: Bool?
    let securityOptions = ["no-new-privileges"]
    let droppedCapabilities = ["ALL"]
    let addedCapabilities = HostSpecification.keptCapabilities
    var log: LogConfiguration

    enum CodingKeys: String, CodingKey {
        case mounts = "Mounts"
        case portBindings = "PortBindings"
        case nanoCPUs = "NanoCpus"
        case memory = "Memory"
        case memoryAndSwap = "MemorySwap"
        case processLimit = "PidsLimit"
        case deviceRequests = "DeviceRequests"
        case resolvers = "Dns"
        case searchDomains = "DnsSearch"
        case restart = "RestartPolicy"
        case usesInit = "Init"
        case securityOptions = "SecurityOpt"
        case droppedCapabilities = "CapDrop"
        case addedCapabilities = "CapAdd"
        case log = "LogConfig"
    }

    /// What is left of root's powers, by name as capabilities(7) has them without `CAP_`.
    ///
    /// Of Docker's 14, those that images need which begin as root to hand over to a user of their own: they give
    /// files away (CHOWN, DAC_OVERRIDE, FOWNER, FSETID), change the user (SETUID, SETGID), end what they started
    /// (KILL) and serve a port below 1024 (NET_BIND_SERVICE). Not kept are MKNOD, NET_RAW, which forges packets of
    /// neighbours on the bridge, SETFCAP and SETPCAP, which hand powers on, SYS_CHROOT and AUDIT_WRITE.
    static let keptCapabilities = [
        "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "NET_BIND_SERVICE", "SETGID", "SETUID",
    ]
}

/// What an engine and its kernel can do.
struct EngineAbilities: Hashable, Sendable {
    var memory = true
    var swap = true
    var processes = true
    var processors = true
    /// The log driver `local`.
    var hasLocalLog = true

    init() {}

    init(_ info: EngineInfo) {
        hasLocalLog = info.plugins?.log?.contains("local") ?? false
        memory = info.memoryLimit ?? true
        swap = info.swapLimit ?? true
        processes = info.processLimit ?? true
        processors = info.cpuQuota ?? true
    }

    /// The limits that are not enforced, in words.
    var missing: [String] {
        [(memory, "memory"), (swap, "swap"), (processors, "CPU"), (processes, "processes")]
            .filter { !$0.0 }.map(\.1)
    }
}

extension ContainerSpecification {
    /// What to ask the engine for so that `launch` runs as specified; what it cannot enforce is left out, and told by
    /// ``warnings(for:abilities:)``.
    init(
        _ launch: AttemptLaunch, instance: String, abilities: EngineAbilities,
        options: DockerRuntimeConfiguration,
        usesInit: Bool
    ) {
        let spec = launch.spec
        image = spec.image ?? ""
        command = spec.command.isEmpty ? nil : spec.command
        entrypoint = spec.entrypoint.isEmpty ? nil : spec.entrypoint
        environment = Self.environment(of: launch)
        workingDirectory = spec.workingDirectory
        user = spec.user
        labels = spec.labels.filter { !$0.key.hasPrefix(ContainerLabel.prefix) }
        labels[ContainerLabel.instance] = instance
        labels[ContainerLabel.attempt] = launch.attempt.text
        labels[ContainerLabel.task] = launch.task.text
        labels[ContainerLabel.project] = launch.project
        labels[ContainerLabel.name] = launch.taskName
        if !spec.ports.isEmpty { labels[ContainerLabel.ports] = PortList.encode(spec.ports) }
        let resources = spec.resources
        if let disk = resources.disk { labels[ContainerLabel.disk] = "\(disk.bytes)" }
        // Docker's `local` keeps bytes as they are, in a third of the space; `json-file`, the one that Podman has too,
        // puts U+FFFD in the place of what is not UTF-8.
        let isLocal = abilities.hasLocalLog
        var log = HostSpecification.LogConfiguration(
            type: isLocal ? "local" : "json-file",
            options: ["max-size": "\(options.logFileSize.bytes)", "max-file": "\(options.logFileCount)"])
        if isLocal { log.options["compress"] = "false" }
        host = HostSpecification(
            mounts: Self.mounts(of: launch),
            processLimit: abilities.processes ? resources.processes ?? options.processLimit : nil,
            deviceRequests: Self.devices(of: launch),
            usesInit: usesInit ? true : nil, log: log)
        if abilities.processors { host.nanoCPUs = resources.cpuMillis.map { $0 * 1_000_000 } }
        if abilities.memory {
            host.memory = resources.memory?.bytes
            host.memoryAndSwap = abilities.swap ? host.memory : nil
        }
        if !options.resolvers.isEmpty {
            host.resolvers = options.resolvers
            host.searchDomains = options.searchDomain(launch.project).map { [$0] }
        }
        bind(spec.ports)
    }

    private static func devices(of launch: AttemptLaunch) -> [HostSpecification.DeviceRequest]? {
        guard let count = launch.spec.resources.gpus, count > 0 else { return nil }
        // Which they are is said by the manager, unless the node has not told it.
        guard !launch.gpus.isEmpty else { return [HostSpecification.DeviceRequest(count: count)] }
        return [HostSpecification.DeviceRequest(devices: launch.gpus.map(\.uuid))]
    }

    private static func environment(of launch: AttemptLaunch) -> [String] {
        var environment = launch.spec.environment
        if !launch.secrets.files.isEmpty {
            environment[SecretReference.directoryVariable] = SecretReference.containerDirectory
        }
        // Whoever may ask the engine sees them: the manual advises files.
        for (name, secret) in launch.secrets.environment { environment[name] = secret.text }
        return environment.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
    }

    private static func mounts(of launch: AttemptLaunch) -> [HostSpecification.Mount]? {
        var mounts = launch.spec.mounts.map {
            HostSpecification.Mount(source: $0.source, target: $0.target, readOnly: $0.readOnly)
        }
        if let directory = launch.secrets.directory {
            mounts += launch.secrets.files.map {
                HostSpecification.Mount(source: "\(directory)/\($0.path)", target: $0.target, readOnly: true)
            }
        }
        return mounts.isEmpty ? nil : mounts
    }

    private mutating func bind(_ ports: [PortMapping]) {
        guard !ports.isEmpty else { return }
        var exposed: [String: [String: String]] = [:]
        var bindings: [String: [PortBinding]] = [:]
        for port in ports {
            let key = "\(port.container)/\(port.transport.rawValue)"
            exposed[key] = [:]
            bindings[key, default: []].append(
                PortBinding(address: port.address, port: port.host.map { "\($0)" } ?? ""))
        }
        exposedPorts = exposed
        host.portBindings = bindings
    }

    /// What of `resources` is not enforced, in words for people.
    static func warnings(for resources: Resources, abilities: EngineAbilities) -> [String] {
        var warnings: [String] = []
        let reason = "not enforced: the engine's kernel does not support it"
        if resources.cpuMillis != nil, !abilities.processors { warnings.append("CPU limit \(reason)") }
        if resources.memory != nil, !abilities.memory { warnings.append("memory limit \(reason)") }
        if resources.memory != nil, abilities.memory, !abilities.swap {
            warnings.append("memory limit does not count swap: the engine's kernel cannot limit swap")
        }
        if resources.processes != nil, !abilities.processes {
            warnings.append("limit on processes \(reason)")
        }
        return warnings
    }

    /// The container's name: for people, and so that a second start of an attempt is refused by the engine.
    static func name(of launch: AttemptLaunch) -> String {
        let name = launch.taskName.prefix(100).map { character in
            character.isASCII && (character.isLetter || character.isNumber || "_.-".contains(character))
                ? character : "-"
        }
        return "apollo-\(String(name))-\(launch.attempt)"
    }
}
