/// Where a server listens, or is called.
public enum RPCAddress: Hashable, Sendable {
    /// An IP address or a host's name, and a port; 0 to listen on one that is free.
    case tcp(String, UInt16)
    /// A unix socket. Who may open it, may call.
    case unix(String)

    /// As the core reads it. Addresses have schemes of their own, so that no name is looked up for them.
    var target: String {
        switch self {
        case .unix(let path): "unix:\(path)"
        case .tcp(let host, let port):
            if host.contains(":") {
                "ipv6:[\(bare(host))]:\(port)"
            } else if host.split(separator: ".").count == 4, host.allSatisfy({ $0.isNumber || $0 == "." }) {
                "ipv4:\(host):\(port)"
            } else {
                "dns:///\(host):\(port)"
            }
        }
    }

    /// As the core listens on it.
    var listening: String {
        switch self {
        case .unix(let path): "unix:\(path)"
        case .tcp(let host, let port): host.contains(":") ? "[\(bare(host))]:\(port)" : "\(host):\(port)"
        }
    }

    private func bare(_ host: String) -> String { host.filter { $0 != "[" && $0 != "]" } }
}

extension RPCAddress: CustomStringConvertible {
    public var description: String { listening }
}
