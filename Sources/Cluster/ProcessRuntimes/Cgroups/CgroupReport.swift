import Cgroups
import Glibc

/// Which limits the kernel would enforce on processes that this process starts, found out without changing anything.
public struct CgroupReport: Hashable, Sendable {
    /// A resource that can be limited.
    public struct Limit: Hashable, Sendable {
        /// `cpu`, `memory` or `pids`.
        public var controller: String
        /// Why it would not be enforced; nil where it would.
        public var obstacle: String?

        public init(controller: String, obstacle: String? = nil) {
            self.controller = controller
            self.obstacle = obstacle
        }
    }

    /// `version 1`, `version 2`, `hybrid` or `none`.
    public var hierarchy: String
    public var limits: [Limit]

    public init(hierarchy: String, limits: [Limit]) {
        self.hierarchy = hierarchy
        self.limits = limits
    }

    public static func read() -> CgroupReport {
        let table = CgroupTable(
            mountinfo: ControlFile.read("/proc/self/mountinfo") ?? "",
            cgroup: ControlFile.read("/proc/self/cgroup") ?? "")
        return CgroupReport(
            hierarchy: table.kind.rawValue,
            limits: CgroupPlan.controllers.map {
                Limit(controller: $0, obstacle: obstacle(to: $0, in: table))
            })
    }

    /// Whether the kernel counts swap, so that it can be limited with memory.
    public var limitsSwap: Bool {
        let table = CgroupTable(
            mountinfo: ControlFile.read("/proc/self/mountinfo") ?? "",
            cgroup: ControlFile.read("/proc/self/cgroup") ?? "")
        if let own = table.legacy("memory")?.directory {
            return access(own + "/memory.memsw.limit_in_bytes", F_OK) == 0
        }
        // The root of version 2 has no such file itself.
        return table.unified != nil && access("/proc/swaps", F_OK) == 0
    }

    /// Version 2 first, then version 1, as ``CgroupPlan`` does.
    private static func obstacle(to controller: String, in table: CgroupTable) -> String? {
        var reason = "this machine has no cgroup controller '\(controller)' for Apollo"
        if let own = table.unified?.directory, words(own + "/cgroup.controllers").contains(controller) {
            if let obstacle = unifiedObstacle(to: controller, in: own) {
                reason = obstacle
            } else {
                return nil
            }
        }
        if let own = table.legacy(controller)?.directory {
            guard access(own, W_OK) != 0 else { return nil }
            reason = "this user may not make cgroups in \(own)"
        }
        return reason
    }

    private static func unifiedObstacle(to controller: String, in own: String) -> String? {
        let file = own + "/cgroup.subtree_control"
        guard access(own, W_OK) == 0, access(file, W_OK) == 0 else {
            return "this user may not make cgroups in \(own)"
        }
        if words(file).contains(controller) { return nil }
        // The root of the hierarchy may hold processes all the same; it alone has no type (cgroups(7)).
        guard access(own + "/cgroup.type", F_OK) == 0 else { return nil }
        let others = words(own + "/cgroup.procs").filter { $0 != "\(getpid())" }
        return others.isEmpty ? nil : "the cgroup \(own) is shared with other programs"
    }

    private static func words(_ path: String) -> [String] {
        (ControlFile.read(path) ?? "").split { $0 == " " || $0 == "\n" }.map(String.init)
    }
}
