import Cgroups
import Glibc

extension AttemptCgroup {
    /// The cgroups that another program made for a process, all of which have `name`.
    static func found(of pid: Int32, named name: String) -> AttemptCgroup {
        let mounts = ControlFile.read("/proc/self/mountinfo") ?? ""
        return found(
            in: CgroupTable(mountinfo: mounts, cgroup: ControlFile.read("/proc/\(pid)/cgroup") ?? ""),
            named: name)
    }

    /// Those of `table` that have `name`: whatever is in an attempt's cgroups is killed with it. A process that has ended is told to be
    /// in the root of a hierarchy of version 1, and so is not asked whether it is anywhere else than we are.
    static func found(in table: CgroupTable, named name: String) -> AttemptCgroup {
        var found = AttemptCgroup()
        func directory(_ place: (CgroupTable) -> CgroupTable.Hierarchy?) -> String? {
            guard let directory = place(table)?.directory, directory.hasSuffix("/\(name)") else { return nil }
            return directory
        }
        if let unified = directory({ $0.unified }) {
            let hasKill = access(unified + "/cgroup.kill", F_OK) == 0
            found.containment = Containment(directory: unified, killing: hasKill ? .file : .freeze)
        } else if let freezer = directory({ $0.legacy("freezer") }) {
            found.containment = Containment(directory: freezer, killing: .freezer)
        }
        if let memory = directory({ $0.legacy("memory") }) {
            found.memory = Controller(directory: memory, isVersion2: false)
        } else if let unified = directory({ $0.unified }),
            access(unified + "/memory.current", F_OK) == 0
        {
            found.memory = Controller(directory: unified, isVersion2: true)
        }
        return found
    }
}
