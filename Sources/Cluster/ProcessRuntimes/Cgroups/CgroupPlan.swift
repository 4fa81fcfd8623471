import Cgroups
import ClusterModel
import Core
import Glibc

/// Where on this machine attempts get their cgroups: below the launcher's own, so that what limits Apollo limits them.
struct CgroupPlan {
    private struct Place {
        /// The cgroup under which each attempt gets one.
        var base: String
        var isVersion2: Bool
    }

    private(set) var kind: CgroupTable.Kind = .none
    private var containment: (base: String, killing: AttemptCgroup.Killing)?
    private var places: [String: Place] = [:]
    /// Why a controller is missing.
    private var reasons: [String: String] = [:]
    private(set) var everywhere = CgroupPlaces()

    static let controllers = ["cpu", "memory", "pids"]

    /// No cgroups at all.
    static var none: CgroupPlan { CgroupPlan() }

    private init() {}

    /// Finds and makes the places, named `name` in each hierarchy. `vacate` moves the processes of a version 2 cgroup of
    /// ours out of the way, since one with processes cannot give controllers to those below it (cgroups(7), "no internal
    /// processes"); it returns false when not all of them are ours.
    init(table: CgroupTable, name: String, vacate: (_ directory: String) -> Bool) {
        kind = table.kind
        everywhere = CgroupPlaces(table: table, name: name)
        if let directory = table.unified?.directory { useUnified(directory, name, vacate) }
        for controller in Self.controllers where places[controller] == nil {
            guard let hierarchy = table.legacy(controller), let directory = hierarchy.directory else {
                continue
            }
            if let base = make(directory + "/" + name, controller) {
                places[controller] = Place(base: base, isVersion2: false)
            }
        }
        if containment?.killing != .file, let directory = table.legacy("freezer")?.directory,
            let base = make(directory + "/" + name, "freezer")
        {
            containment = (base, .freezer)
        }
    }

    /// What can be enforced, for people.
    var description: String {
        let limits = Self.controllers.filter { places[$0] != nil }
        return
            "cgroups: \(kind.rawValue), limits: \(limits.isEmpty ? "none" : limits.joined(separator: ", "))"
    }

    private mutating func useUnified(_ own: String, _ name: String, _ vacate: (String) -> Bool) {
        let top = CgroupPlaces.top(own)
        let available = Set(Self.words(top + "/cgroup.controllers"))
        let wanted = Self.controllers.filter { available.contains($0) }
        guard let base = make(top + "/" + name, "version 2") else {
            for controller in wanted { reasons[controller] = reasons["version 2"] }
            return
        }
        containment = (base, access(base + "/cgroup.kill", F_OK) == 0 ? .file : .freeze)
        for controller in wanted {
            if let reason = Self.enable(controller, in: top, vacate)
                ?? Self.enable(controller, in: base, vacate)
            {
                reasons[controller] = reason
            } else {
                places[controller] = Place(base: base, isVersion2: true)
            }
        }
    }

    /// Lets the cgroups below `directory` have the controller. Returns why not.
    private static func enable(_ controller: String, in directory: String, _ vacate: (String) -> Bool)
        -> String?
    {
        let file = directory + "/cgroup.subtree_control"
        if words(file).contains(controller) { return nil }
        guard var error = ControlFile.write("+" + controller, to: file) else { return nil }
        if error.code == EBUSY {
            guard vacate(directory) else {
                return
                    "the cgroup \(directory) is shared with other programs; run Apollo as a service with Delegate=yes"
            }
            guard let second = ControlFile.write("+" + controller, to: file) else { return nil }
            error = second
        }
        return error.description
    }

    private mutating func make(_ directory: String, _ what: String) -> String? {
        guard mkdir(directory, 0o755) == 0 || errno == EEXIST else {
            reasons[what] = SystemError.last("mkdir", directory).description
            return nil
        }
        return directory
    }

    private static func words(_ path: String) -> [String] {
        (ControlFile.read(path) ?? "").split { $0 == " " || $0 == "\n" }.map(String.init)
    }

    /// The cgroup for Apollo's own processes, where there must be none above those of attempts.
    static let supervisor = "apollo-supervisor"

    /// The attempt's cgroups, made and limited, and what could not be.
    func make(_ attempt: String, _ limits: AttemptLimits) -> (cgroup: AttemptCgroup, warnings: [String]) {
        var cgroup = AttemptCgroup()
        var warnings: [String] = []
        if let containment {
            let directory = containment.base + "/" + attempt
            if mkdir(directory, 0o755) == 0 || errno == EEXIST {
                cgroup.containment = .init(directory: directory, killing: containment.killing)
            }
        }
        func limit(_ name: String, _ what: String, _ files: (Bool) -> [(String, String, isOptional: Bool)])
            -> AttemptCgroup.Controller?
        {
            let why: String
            if let place = places[name] {
                let directory = place.base + "/" + attempt
                let controller = AttemptCgroup.Controller(directory: directory, isVersion2: place.isVersion2)
                guard let error = Self.apply(files(place.isVersion2), in: directory) else {
                    return controller
                }
                if cgroup.containment?.directory != directory { rmdir(directory) }
                why = error.description
            } else {
                why = reasons[name] ?? "this machine has no cgroup controller '\(name)' for Apollo"
            }
            warnings.append("\(what) limit not enforced: \(why)")
            return nil
        }
        if let cpu = limits.cpuMillis { cgroup.cpu = limit("cpu", "cpu") { Self.cpu(cpu, $0) } }
        if let memory = limits.memory {
            cgroup.memory = limit("memory", "memory") { Self.memory(memory, $0) }
        }
        if let most = limits.processes {
            cgroup.processes = limit("pids", "process") { _ in [("pids.max", String(most), false)] }
        }
        return (cgroup, warnings)
    }

    private static func apply(
        _ files: [(name: String, text: String, isOptional: Bool)], in directory: String
    ) -> SystemError? {
        guard mkdir(directory, 0o755) == 0 || errno == EEXIST else { return .last("mkdir", directory) }
        for file in files {
            if let error = ControlFile.write(file.text, to: directory + "/" + file.name), !file.isOptional {
                return error
            }
        }
        return nil
    }

    private static func cpu(_ millis: Int64, _ isVersion2: Bool) -> [(String, String, isOptional: Bool)] {
        // A period of 100 ms, the kernel's own; the least quota is 1 ms.
        let quota = max(1000, millis * 100)
        if isVersion2 { return [("cpu.max", "\(quota) 100000", false)] }
        return [("cpu.cfs_period_us", "100000", false), ("cpu.cfs_quota_us", "\(quota)", false)]
    }

    private static func memory(_ bytes: Int64, _ isVersion2: Bool) -> [(String, String, isOptional: Bool)] {
        // Without swap, or the limit would only make the task slow; a kernel without swap accounting lacks the file.
        if isVersion2 { return [("memory.max", "\(bytes)", false), ("memory.swap.max", "0", true)] }
        return [
            ("memory.limit_in_bytes", "\(bytes)", false), ("memory.memsw.limit_in_bytes", "\(bytes)", true),
        ]
    }
}
