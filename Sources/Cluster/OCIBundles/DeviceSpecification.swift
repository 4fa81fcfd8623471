public import Documents

/// Devices of one kind as their vendor describes them for containers: a file of the Container Device Interface (CDI, its SPEC.md,
/// versions 0.3 to 0.8), such as `nvidia-ctk cdi generate` writes.
public struct DeviceSpecification: Hashable, Sendable {
    /// `nvidia.com/gpu`.
    public var kind: String
    /// What a container gets with each device, by its name: `0`, `GPU-5a0c…`, `all`.
    public var devices: [String: ContainerEdits]
    /// What it gets with any of them.
    public var common: ContainerEdits

    /// Reads a file's value. Throws a text that says what is wrong with it.
    public init(parsing document: JSONValue) throws(DeviceSpecificationError) {
        guard document["cdiVersion"]?.string != nil, let kind = document["kind"]?.string else {
            throw DeviceSpecificationError("it has no cdiVersion or no kind")
        }
        self.kind = kind
        common = try ContainerEdits(parsing: document["containerEdits"])
        devices = [:]
        for device in document["devices"]?.array ?? [] {
            // A name that is a number may be written without quotes.
            guard let name = device["name"]?.string ?? device["name"]?.integer.map({ "\($0)" }) else {
                throw DeviceSpecificationError("a device has no name")
            }
            devices[name] = try ContainerEdits(parsing: device["containerEdits"])
        }
    }

    /// What a container gets with the devices of these names, each of which may have several; the first name that is missing else.
    public func edits(for names: [[String]]) -> Result<ContainerEdits, DeviceSpecificationError> {
        var all = common
        for candidates in names {
            guard let edits = candidates.lazy.compactMap({ devices[$0] }).first else {
                return .failure(
                    DeviceSpecificationError("it describes no device \(candidates.joined(separator: " or "))")
                )
            }
            all.add(edits)
        }
        return .success(all)
    }
}

/// What is wrong with a description of devices, for people.
public struct DeviceSpecificationError: Error, Hashable, Sendable, CustomStringConvertible {
    public var description: String

    public init(_ description: String) { self.description = description }
}

/// What a container gets beside its own: devices, files of the machine, variables, groups, and programs that set it up.
public struct ContainerEdits: Hashable, Sendable {
    /// A device of the machine.
    public struct Device: Hashable, Sendable {
        /// Where it is in the container; absolute.
        public var path: String
        /// Where it is on the machine.
        public var hostPath: String
        /// `c` or `b`, and its numbers; nil for those that it has on the machine.
        public var number: Number?
        public var mode: Int64?
        public var user: Int64?
        public var group: Int64?
        /// Of `rwm`.
        public var permissions: String

        public struct Number: Hashable, Sendable {
            public var type: String
            public var major: Int64
            public var minor: Int64

            public init(type: String, major: Int64, minor: Int64) {
                (self.type, self.major, self.minor) = (type, major, minor)
            }
        }
    }

    /// A program of the machine that the low-level runtime runs (OCI runtime specification, "POSIX-platform Hooks").
    public struct Hook: Hashable, Sendable {
        /// `createContainer`, `startContainer`, …
        public var name: String
        public var path: String
        public var arguments: [String]
        public var environment: [String]
    }

    public var devices: [Device] = []
    public var mounts: [ContainerMount] = []
    /// `NAME=value`.
    public var environment: [String] = []
    public var groups: [UInt32] = []
    public var hooks: [Hook] = []

    static let hookNames = [
        "prestart", "createRuntime", "createContainer", "startContainer", "poststart", "poststop",
    ]

    public init() {}

    /// Reads `containerEdits`; nil are none.
    init(parsing value: JSONValue?) throws(DeviceSpecificationError) {
        guard let value else { return }
        for each in value["deviceNodes"]?.array ?? [] { devices.append(try Self.device(each)) }
        for each in value["mounts"]?.array ?? [] {
            guard let source = each["hostPath"]?.string, let target = each["containerPath"]?.string,
                source.hasPrefix("/"), target.hasPrefix("/")
            else { throw DeviceSpecificationError("a mount has no absolute hostPath and containerPath") }
            let options = each["options"]?.array?.compactMap(\.string) ?? []
            let binds = options.contains("bind") || options.contains("rbind")
            mounts.append(
                ContainerMount(
                    target: target, type: each["type"]?.string ?? "bind", source: source,
                    options: (binds || each["type"] != nil ? [] : ["rbind"]) + options))
        }
        environment = value["env"]?.array?.compactMap(\.string).filter { $0.contains("=") } ?? []
        groups =
            value["additionalGids"]?.array?.compactMap { $0.integer.flatMap { UInt32(exactly: $0) } } ?? []
        for each in value["hooks"]?.array ?? [] {
            guard let name = each["hookName"]?.string, Self.hookNames.contains(name),
                let path = each["path"]?.string, path.hasPrefix("/")
            else { throw DeviceSpecificationError("a hook has no known hookName or no absolute path") }
            hooks.append(
                Hook(
                    name: name, path: path, arguments: each["args"]?.array?.compactMap(\.string) ?? [],
                    environment: each["env"]?.array?.compactMap(\.string) ?? []))
        }
    }

    private static func device(_ value: JSONValue) throws(DeviceSpecificationError) -> Device {
        guard let path = value["path"]?.string, path.hasPrefix("/") else {
            throw DeviceSpecificationError("a device has no absolute path")
        }
        let permissions = value["permissions"]?.string ?? "rw"
        guard permissions.allSatisfy({ "rwm".contains($0) }) else {
            throw DeviceSpecificationError("device \(path): '\(permissions)' are no permissions")
        }
        var device = Device(
            path: path, hostPath: value["hostPath"]?.string ?? path, number: nil,
            mode: value["fileMode"]?.integer, user: value["uid"]?.integer, group: value["gid"]?.integer,
            permissions: permissions)
        if let type = value["type"]?.string, let major = value["major"]?.integer,
            let minor = value["minor"]?.integer
        {
            guard ["c", "b", "u"].contains(type) else {
                throw DeviceSpecificationError("device \(path): '\(type)' is no kind of device")
            }
            device.number = .init(type: type == "u" ? "c" : type, major: major, minor: minor)
        }
        return device
    }

    /// Adds what another one brings and this has not.
    mutating func add(_ other: ContainerEdits) {
        func new<Element: Equatable>(_ theirs: [Element], _ ours: [Element]) -> [Element] {
            theirs.filter { !ours.contains($0) }
        }
        devices += new(other.devices, devices)
        mounts += new(other.mounts, mounts)
        environment += new(other.environment, environment)
        groups += new(other.groups, groups)
        hooks += new(other.hooks, hooks)
    }
}

/// As the low-level runtime is told.
extension ContainerEdits {
    /// `linux.devices`.
    var nodes: [JSONValue] {
        devices.compactMap { device in
            guard let number = device.number else { return nil }
            var node = JSONObject()
            node["path"] = .string(device.path)
            node["type"] = .string(number.type)
            node["major"] = .integer(number.major)
            node["minor"] = .integer(number.minor)
            if let mode = device.mode { node["fileMode"] = .integer(mode) }
            if let user = device.user { node["uid"] = .integer(user) }
            if let group = device.group { node["gid"] = .integer(group) }
            return .object(node)
        }
    }

    /// `linux.resources.devices`, behind the rule that refuses all.
    var rules: [JSONValue] {
        devices.compactMap { device in
            device.number.map { number in
                [
                    "allow": true, "type": .string(number.type), "major": .integer(number.major),
                    "minor": .integer(number.minor), "access": .string(device.permissions),
                ]
            }
        }
    }

    /// `hooks`; nil where there are none.
    var hooksJSON: JSONValue? {
        var all = JSONObject()
        for name in Self.hookNames {
            let own = hooks.filter { $0.name == name }
            guard !own.isEmpty else { continue }
            all[name] = .array(
                own.map { hook in
                    var value = JSONObject()
                    value["path"] = .string(hook.path)
                    if !hook.arguments.isEmpty { value["args"] = .array(hook.arguments.map { .string($0) }) }
                    if !hook.environment.isEmpty {
                        value["env"] = .array(hook.environment.map { .string($0) })
                    }
                    return .object(value)
                })
        }
        return hooks.isEmpty ? nil : .object(all)
    }
}
