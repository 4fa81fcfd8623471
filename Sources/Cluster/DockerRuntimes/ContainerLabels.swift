import ClusterModel
import Core

/// The labels by which containers are found again. Those of users never take their place.
enum ContainerLabel {
    static let prefix = "apollo."
    /// Which of several Apollos on one engine it belongs to.
    static let instance = "apollo.instance"
    static let attempt = "apollo.attempt"
    static let task = "apollo.task"
    static let project = "apollo.project"
    static let name = "apollo.name"
    /// The ports asked for, in their order: the engine forgets it.
    static let ports = "apollo.ports"
    /// The most bytes that it may have in its writable layer.
    static let disk = "apollo.disk"
}

/// A list of ports as text: `8080/tcp=127.0.0.1:0,53/udp=0.0.0.0:53`; port 0 is one that is free.
enum PortList {
    static func encode(_ ports: [PortMapping]) -> String {
        ports.map { "\($0.container)/\($0.transport.rawValue)=\($0.address):\($0.host ?? 0)" }.joined(
            separator: ",")
    }

    /// What ``encode(_:)`` wrote; whatever else is there is passed over.
    static func decode(_ text: String) -> [PortMapping] {
        text.split(separator: ",").compactMap { item in
            guard let equals = item.firstIndex(of: "="), let slash = item[..<equals].firstIndex(of: "/"),
                let colon = item.lastIndex(of: ":"), colon > equals,
                let container = UInt16(item[..<slash]),
                let transport = PortMapping.Transport(
                    rawValue: String(item[item.index(after: slash)..<equals])),
                let host = UInt16(item[item.index(after: colon)...])
            else { return nil }
            return PortMapping(
                container: container, host: host == 0 ? nil : host,
                address: String(item[item.index(after: equals)..<colon]), transport: transport)
        }
    }
}
