import Cgroups
import Glibc

extension AttemptCgroup {
    /// The cgroups that a process is in and we are not: those that another program made for it.
    static func found(of pid: Int32) -> AttemptCgroup {
        let mounts = ControlFile.read("/proc/self/mountinfo") ?? ""
        let own = CgroupTable(mountinfo: mounts, cgroup: ControlFile.read("/proc/self/cgroup") ?? "")
        let its = CgroupTable(mountinfo: mounts, cgroup: ControlFile.read("/proc/\(pid)/cgroup") ?? "")
        var found = AttemptCgroup()
        func directory(_ place: (CgroupTable) -> CgroupTable.Hierarchy?) -> String? {
            guard let directory = place(its)?.directory, directory != place(own)?.directory else {
                return nil
            }
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
