public import ClusterModel
import Core
import Documents
import ImageModel

/// A container as a low-level runtime is told of it: the `config.json` of its bundle (OCI runtime specification 1.0.2). A plain
/// value; it knows no machine.
public struct ContainerBundle: Hashable, Sendable {
    /// Which network a container has.
    public enum Network: String, Hashable, Sendable, CaseIterable {
        /// The machine's.
        case host
        /// Its own, with nothing in it but its loopback.
        case none
    }

    /// User numbers of the container and those of the machine behind them: `count` from `container` on are those from `host` on.
    public struct UserMapping: Hashable, Sendable {
        public var container: UInt32
        public var host: UInt32
        public var count: UInt32

        public init(container: UInt32 = 0, host: UInt32, count: UInt32) {
            self.container = container
            self.host = host
            self.count = count
        }
    }

    public var command: ContainerCommand
    public var account: ContainerAccount
    /// The root file system; absolute.
    public var root: String
    public var isRootReadOnly = false
    public var hostName: String
    /// Where its cgroup is; relative to that of whoever starts it, or absolute in the hierarchies.
    public var cgroup: String
    public var limits = ContainerLimits()
    /// In this order, after those that every container has.
    public var mounts: [ContainerMount] = []
    public var network = Network.host
    /// A user namespace; nil for the machine's users.
    public var users: UserMapping?
    /// As Go calls it.
    public var architecture = ImagePlatform.host.architecture
    /// Whether programs of 32 bits run beside those of the architecture.
    public var allows32Bit = false
    /// Of this machine, not to be read either.
    public var hiddenPaths: [String] = []
    /// What comes with devices that it has.
    public var edits = ContainerEdits()
    /// A program of the machine that becomes the first process, ends what is left over, and passes signals on: `tini`. Nil for none.
    public var initProgram: String?

    /// Where the init is in the container.
    static let initPath = "/dev/init"

    public init(
        command: ContainerCommand, account: ContainerAccount, root: String, hostName: String, cgroup: String
    ) {
        self.command = command
        self.account = account
        self.root = root
        self.hostName = hostName
        self.cgroup = cgroup
    }

    /// What a launch mounts: what it asks for itself, its volumes among it, and the files of its secrets.
    public static func mounts(of launch: AttemptLaunch) -> [ContainerMount] {
        var mounts = launch.spec.mounts.map {
            ContainerMount.bind($0.source, on: $0.target, readOnly: $0.readOnly)
        }
        if let directory = launch.secrets.directory {
            mounts += launch.secrets.files.map {
                ContainerMount.bind("\(directory)/\($0.path)", on: $0.target, readOnly: true)
            }
        }
        return mounts
    }

    /// The `config.json`: the same bundle is always the same bytes.
    public var bytes: [UInt8] { JSONWriter.bytes(of: json) }

    private var json: JSONValue {
        var document = JSONObject()
        document["ociVersion"] = "1.0.2"
        document["process"] = process
        let files: JSONValue = ["path": .string(root), "readonly": .bool(isRootReadOnly)]
        document["root"] = files
        document["hostname"] = .string(hostName)
        document["mounts"] = .array(allMounts.map(\.json))
        document["linux"] = linux
        if let hooks = edits.hooksJSON { document["hooks"] = hooks }
        return .object(document)
    }

    private var allMounts: [ContainerMount] {
        var all = ContainerMount.usual
        // A sysfs belongs to a network, and is mounted by who owns that: with the machine's network it is the machine's.
        if users != nil, network == .host, let index = all.firstIndex(where: { $0.type == "sysfs" }) {
            all[index] = .machineSystem
        }
        if users != nil { all += edits.devices.map { .device($0.hostPath, on: $0.path) } }
        if let initProgram { all.append(.bind(initProgram, on: Self.initPath, readOnly: true)) }
        return all + edits.mounts + mounts
    }

    private var process: JSONValue {
        var process = JSONObject()
        process["terminal"] = false
        var user = JSONObject()
        user["uid"] = .integer(Int64(account.user))
        user["gid"] = .integer(Int64(account.group))
        let groups = account.groups + edits.groups.filter { !account.groups.contains($0) }
        if !groups.isEmpty { user["additionalGids"] = .array(groups.map { .integer(Int64($0)) }) }
        process["user"] = .object(user)
        let front = initProgram == nil ? [] : [Self.initPath, "--"]
        process["args"] = .array((front + command.arguments).map { .string($0) })
        let variables = command.environment.sorted { $0.key < $1.key }
        // What a task says itself goes before what comes with a device.
        let added = edits.environment.filter { text in
            command.environment[String(text.prefix { $0 != "=" })] == nil
        }
        process["env"] = .array((variables.map { "\($0.key)=\($0.value)" } + added).map { .string($0) })
        process["cwd"] = .string(command.directory)
        process["noNewPrivileges"] = true
        process["capabilities"] = capabilities
        return .object(process)
    }

    /// A user other than root has none, but what it may get by becoming root: nothing, without new privileges.
    private var capabilities: JSONValue {
        let kept = JSONValue.array(ContainerCapabilities.kept.map { .string($0) })
        var sets = JSONObject()
        sets["bounding"] = kept
        sets["effective"] = kept
        sets["permitted"] = kept
        return .object(sets)
    }

    private var linux: JSONValue {
        var linux = JSONObject()
        linux["cgroupsPath"] = .string(cgroup)
        linux["resources"] = limits.json(devices: edits.rules)
        // Who has users of its own may make none: it sees the machine's.
        if users == nil, !edits.devices.isEmpty { linux["devices"] = .array(edits.nodes) }
        var kinds = ["pid", "ipc", "uts", "mount", "cgroup"]
        if network == .none { kinds.append("network") }
        if let users {
            kinds.append("user")
            let mapping: JSONValue = [
                "containerID": .integer(Int64(users.container)), "hostID": .integer(Int64(users.host)),
                "size": .integer(Int64(users.count)),
            ]
            linux["uidMappings"] = [mapping]
            linux["gidMappings"] = [mapping]
        }
        linux["namespaces"] = .array(kinds.map { ["type": .string($0)] })
        if let profile = SeccompProfile.json(architecture: architecture, allows32Bit: allows32Bit) {
            linux["seccomp"] = profile
        }
        linux["maskedPaths"] = .array((HiddenPaths.masked + hiddenPaths).map { .string($0) })
        linux["readonlyPaths"] = .array(HiddenPaths.readOnly.map { .string($0) })
        return .object(linux)
    }
}
