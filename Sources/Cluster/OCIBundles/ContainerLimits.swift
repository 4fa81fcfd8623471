import ClusterModel
public import Core
import Documents

/// What a container may use, where the machine can enforce it: nil is no limit.
public struct ContainerLimits: Hashable, Sendable {
    public var cpuMillis: Int64?
    public var memory: ByteCount?
    /// Whether swap counts as memory: it does unless the kernel cannot.
    public var limitsSwap: Bool
    /// Processes and threads.
    public var processes: Int64?

    public init(
        cpuMillis: Int64? = nil, memory: ByteCount? = nil, limitsSwap: Bool = true, processes: Int64? = nil
    ) {
        self.cpuMillis = cpuMillis
        self.memory = memory
        self.limitsSwap = limitsSwap
        self.processes = processes
    }

    /// OCI runtime specification, "Control groups".
    ///
    /// - Parameter devices: rules for those that it may use.
    func json(devices: [JSONValue]) -> JSONValue {
        var resources = JSONObject()
        // None but those that /dev is given by the runtime (OCI runtime specification, "Default Devices"), and terminals.
        let none: JSONValue = ["allow": false, "access": "rwm"]
        resources["devices"] = .array([none] + devices)
        if let cpuMillis {
            // A period of 100 ms, the kernel's own; the least quota is 1 ms.
            let cpu: JSONValue = ["quota": .integer(max(1000, cpuMillis * 100)), "period": 100_000]
            resources["cpu"] = cpu
        }
        if let memory {
            var limit = JSONObject()
            limit["limit"] = .integer(memory.bytes)
            // Of both together: without swap, or the limit would only make the task slow.
            if limitsSwap { limit["swap"] = .integer(memory.bytes) }
            resources["memory"] = .object(limit)
        }
        if let processes {
            let pids: JSONValue = ["limit": .integer(processes)]
            resources["pids"] = pids
        }
        return .object(resources)
    }
}
