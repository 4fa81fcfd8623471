import ClusterModel
import Configuration
import Core
import Workers

/// Reads the setting `node.ports`: `20000-29999`.
enum NodePorts {
    static func read(_ configuration: ResolvedConfiguration) throws(ApolloError) -> PortRange {
        let text = configuration[PlatformSettings.nodePorts]
        guard let range = PortRange(parsing: text) else {
            throw ApolloError(
                .invalid, "node.ports: '\(text)' is no range of ports", hint: "write it as 20000-29999")
        }
        return range
    }
}

/// Reads the setting `mounts.allowed`: `/srv/data,/etc/ssl/certs`.
enum NodeMounts {
    static func read(_ configuration: ResolvedConfiguration) throws(ApolloError) -> AllowedMounts {
        let paths = (configuration[PlatformSettings.mountsAllowed] ?? "").split(separator: ",").map(
            String.init)
        if let wrong = paths.first(where: { !$0.hasPrefix("/") }) {
            throw ApolloError(
                .invalid, "mounts.allowed: '\(wrong)' is no absolute path",
                hint: "write it as /srv/data,/etc/ssl/certs")
        }
        return AllowedMounts(paths)
    }
}
