import ClusterModel
import Configuration
import Core

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
