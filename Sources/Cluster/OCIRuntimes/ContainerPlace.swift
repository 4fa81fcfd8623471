import ClusterModel
import Glibc
import OCIBundles
import TaskRuntimes
import UnpackedImages

/// The file system of a container, mounted, and whose it is.
struct ContainerPlace {
    var root: String
    /// Its own; nil for the machine's.
    var users: ContainerBundle.UserMapping?
    /// Why it has the machine's, where it was to have its own.
    var obstacle: String?
    /// What is mounted in it, its secrets among it.
    var mounts: [ContainerMount]

    /// Refuses who is none of its users.
    func check(_ account: ContainerAccount) throws(RuntimeError) {
        guard let users else { return }
        let number = ([account.user, account.group] + account.groups).max() ?? 0
        guard number < users.count else {
            throw .rejected(
                "user or group \(number) is none of the container's: they are 0 to \(users.count - 1)",
                hint: "run as another, or set oci.userns: host on the machine")
        }
    }
}

extension ContainerPreparation {
    /// Mounts the container's file system, with users of its own where that is to be and can be.
    func place(_ edits: ContainerEdits, _ ports: [PortMapping]) throws(RuntimeError) -> ContainerPlace {
        var obstacle: String?
        if settings.users != .host {
            obstacle = machine.usersObstacle
            if obstacle == nil, !edits.groups.isEmpty {
                obstacle = "its devices are for groups of the machine"
            }
            if obstacle == nil {
                switch try ownPlace(ports) {
                case .success(let place): return place
                case .failure(let failure): obstacle = failure.reason
                }
            }
        }
        if settings.users == .always, let obstacle {
            throw .rejected(
                "the container cannot have users of its own: \(obstacle)",
                hint: "with oci.userns: auto it has the machine's then")
        }
        try files.mount(image.layers, at: files.root)
        return ContainerPlace(
            root: files.root, users: nil, obstacle: obstacle, mounts: ContainerBundle.mounts(of: launch))
    }

    private struct NoUsers: Error { var reason: String }

    private func ownPlace(_ ports: [PortMapping]) throws(RuntimeError) -> Result<ContainerPlace, NoUsers> {
        try checkPorts(ports)
        let users = try shares.claim(files)
        let space = try UserSpace(users)
        try files.makePassage(for: users)
        var mounts = ContainerBundle.mounts(of: launch)
        // Secrets are readable to all who see them; whose they are does not matter.
        for (index, mount) in launch.spec.mounts.enumerated() {
            guard let source = try files.mapped(mount.source, index, by: space) else {
                try files.removePassage()
                guard unlink(files.users) == 0, chown(files.upper, 0, 0) == 0 else {
                    throw .system("cannot use \(files.bundle)")
                }
                shares.release(files)
                return .failure(NoUsers(reason: "\(mount.source) cannot be mounted with other owners"))
            }
            mounts[index].source = source
        }
        try files.mountMapped(image.layers, by: space)
        return .success(ContainerPlace(root: files.mappedRoot, users: users, obstacle: nil, mounts: mounts))
    }

    /// Ports that only root of the machine may listen on (ip(7), ip_unprivileged_port_start).
    private func checkPorts(_ ports: [PortMapping]) throws(RuntimeError) {
        guard settings.network == .host else { return }
        let text = ContainerFiles.read("/proc/sys/net/ipv4/ip_unprivileged_port_start", limit: 64) ?? []
        let first = UInt16(String(decoding: text, as: UTF8.self).prefix { $0.isNumber }) ?? 1024
        guard let low = ports.lazy.compactMap(\.host).first(where: { $0 < first }) else { return }
        throw .rejected(
            "port \(low) of the machine is for its root, which the container's is not",
            hint: "ask for one from \(first) on, or on the machine: "
                + "sysctl net.ipv4.ip_unprivileged_port_start=\(low), or oci.userns: host")
    }
}
