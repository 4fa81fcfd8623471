import Cgroups
import ClusterModel
import Core
import Files
import Glibc

/// Where the cgroups of attempts are, in every hierarchy of the machine: the same name below the launcher's own cgroup. Those that
/// another program makes for an attempt are found by their names alone, since a process that has ended is told to be in the
/// root of a hierarchy of version 1, and whatever is in an attempt's cgroups is killed with it.
struct CgroupPlaces {
    private(set) var unified: [String] = []
    private var legacy: [(controllers: Set<String>, base: String)] = []

    init() {}

    init(table: CgroupTable, name: String) {
        if let own = table.unified?.directory {
            unified.append(Self.top(own) + "/" + name)
            // Where there is only version 2, runc takes the cgroup around its own, which may hold no processes.
            if table.kind == .two, own != table.unified?.mountPoint, let slash = own.lastIndex(of: "/") {
                let around = own[..<slash] + "/" + name
                if !unified.contains(String(around)) { unified.append(String(around)) }
            }
        }
        legacy = table.legacy.compactMap { hierarchy in
            hierarchy.directory.map { (hierarchy.controllers, $0 + "/" + name) }
        }
    }

    /// The cgroup that Apollo was started in: a launcher started after the first finds itself in the one that it was moved to.
    static func top(_ own: String) -> String {
        own.hasSuffix("/" + CgroupPlan.supervisor)
            ? String(own.dropLast(CgroupPlan.supervisor.count + 1)) : own
    }

    private var bases: [String] { unified + legacy.map(\.base) }

    private func place(_ attempt: String, _ controller: String) -> String? {
        guard let base = legacy.first(where: { $0.controllers.contains(controller) })?.base else {
            return nil
        }
        let directory = "\(base)/\(attempt)"
        return access(directory, F_OK) == 0 ? directory : nil
    }

    /// What another program made for an attempt: what holds its processes together, and what limits its memory.
    func made(for attempt: String) -> AttemptCgroup {
        var found = AttemptCgroup()
        let unified: String? = unified.map { "\($0)/\(attempt)" }.first { access($0, F_OK) == 0 }
        if let unified {
            let hasKill = access(unified + "/cgroup.kill", F_OK) == 0
            found.containment = .init(directory: unified, killing: hasKill ? .file : .freeze)
        } else if let freezer = place(attempt, "freezer") {
            found.containment = .init(directory: freezer, killing: .freezer)
        }
        if let memory = place(attempt, "memory") {
            found.memory = .init(directory: memory, isVersion2: false)
        } else if let unified, access(unified + "/memory.current", F_OK) == 0 {
            found.memory = .init(directory: unified, isVersion2: true)
        }
        return found
    }

    /// Each cgroup of an attempt for itself, there or not.
    func all(of attempt: String) -> [AttemptCgroup] {
        bases.map { base in
            var cgroup = AttemptCgroup()
            let directory = "\(base)/\(attempt)"
            let killing: AttemptCgroup.Killing =
                !unified.contains(base)
                ? .freezer : access(directory + "/cgroup.kill", F_OK) == 0 ? .file : .freeze
            cgroup.containment = .init(directory: directory, killing: killing)
            return cgroup
        }
    }

    /// What is under our places and belongs to no attempt in `known`: left by a launcher that was killed.
    func strays(except known: Set<AttemptID>) -> [AttemptCgroup] {
        // The files of a cgroup are there too; none of them is named like an attempt.
        let names = Set(bases.flatMap { DirectoryNames.found(in: $0) })
        return names.compactMap { AttemptID(parsing: $0) }.filter { !known.contains($0) }
            .flatMap { all(of: $0.text) }
    }

    /// Removes the places, when nothing is in them any more.
    func remove() {
        for base in bases { rmdir(base) }
    }
}
