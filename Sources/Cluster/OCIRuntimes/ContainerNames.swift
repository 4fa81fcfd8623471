import ClusterModel
import Glibc
import OCIBundles
import TaskRuntimes

/// How names are found in a container: as the machine finds them, or by the resolvers of the platform; and its own, which programs ask for.
struct ContainerNames {
    var hostName: String
    var project: String
    var settings: OCISettings
    var files: ContainerFiles

    /// Writes the files that are the container's own, and says where they belong. Blocks.
    func mounts() throws(RuntimeError) -> [ContainerMount] {
        try write(hosts, to: files.hosts)
        try write(hostName + "\n", to: files.hostName)
        var mounts = [(files.hosts, "/etc/hosts"), (files.hostName, "/etc/hostname")]
        if settings.network == .host {
            var resolvers = "/etc/resolv.conf"
            if !settings.resolvers.isEmpty {
                var text = settings.resolvers.map { "nameserver \($0)\n" }.joined()
                if let domain = settings.searchDomain(project) { text += "search \(domain)\n" }
                try write(text, to: files.resolvers)
                resolvers = files.resolvers
            }
            if access(resolvers, F_OK) == 0 { mounts.append((resolvers, "/etc/resolv.conf")) }
        }
        return mounts.map { .bind($0.0, on: $0.1, readOnly: true) }
    }

    private static let loopback = "127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n"

    /// Those that the machine knows, where its network is the container's; and the container's own, as Debian writes that of a machine without
    /// an address that stays.
    private var hosts: String {
        // A machine without the file finds names otherwise.
        let known = settings.network == .host ? ContainerFiles.read("/etc/hosts") : nil
        var text = known.map { String(decoding: $0, as: UTF8.self) } ?? Self.loopback
        if !text.hasSuffix("\n") { text += "\n" }
        return text + "127.0.1.1\t\(hostName)\n"
    }

    /// Writes what everybody in the container may read.
    private func write(_ text: String, to path: String) throws(RuntimeError) {
        try files.write(Array(text.utf8), to: path)
        guard chmod(path, 0o644) == 0 else { throw .system("cannot share \(path)") }
    }
}
