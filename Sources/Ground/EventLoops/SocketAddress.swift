import CApollo
import Core
import Glibc

/// Where to listen or to connect.
public enum SocketAddress: Hashable, Sendable {
    /// A host name or number, and a port; to listen on port 0 is to take any free one.
    case tcp(host: String, port: UInt16)
    /// The file of a unix socket, at most 107 bytes long.
    case unix(path: String)
}

extension SocketAddress: CustomStringConvertible {
    /// `127.0.0.1:7070`, `[::1]:7070` or `unix:/run/apollo.sock`.
    public var description: String {
        switch self {
        case .tcp(let host, let port): host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
        case .unix(let path): "unix:\(path)"
        }
    }

    /// Reads what `description` writes, with a name in the place of the number too; nil for anything else.
    public init?(parsing text: String) {
        if text.hasPrefix("unix:") {
            let path = String(text.dropFirst(5))
            guard !path.isEmpty else { return nil }
            self = .unix(path: path)
            return
        }
        guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]) else {
            return nil
        }
        var host = String(text[..<colon])
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = String(host.dropFirst().dropLast())
        } else if host.contains(":") {
            return nil
        }
        guard !host.isEmpty else { return nil }
        self = .tcp(host: host, port: port)
    }
}

extension SocketAddress {
    /// The address in the kernel's form. Looking up a name may block.
    func resolved(forListening: Bool) throws(ApolloError) -> capollo_address {
        var address = capollo_address()
        switch self {
        case .tcp(let host, let port):
            let code = capollo_address_resolve(host, port, forListening ? 1 : 0, &address)
            guard code == 0 else {
                throw ApolloError(
                    forListening ? .invalid : .unavailable,
                    "cannot resolve the host '\(host)': \(String(cString: capollo_address_error(code)))",
                    hint: "use a name or a number of this machine, such as 127.0.0.1")
            }
        case .unix(let path):
            guard capollo_address_unix(path, &address) == 0 else {
                throw ApolloError(
                    .invalid, "the path of the unix socket '\(path)' is longer than 107 bytes",
                    hint: "choose a shorter directory")
            }
        }
        return address
    }

    /// The address from the kernel's form; a unix socket's is known by its `path`.
    init(_ address: capollo_address, path: String = "") {
        var address = address
        var port: Int32 = -1
        let host = withUnsafeTemporaryAllocation(of: CChar.self, capacity: 64) { text in
            port = capollo_address_text(&address, text.baseAddress!, 64)
            return String(cString: text.baseAddress!)
        }
        self = port < 0 ? .unix(path: path) : .tcp(host: host, port: UInt16(port))
    }

    /// What a request's log line calls this peer.
    var peerText: String {
        switch self {
        case .tcp: description
        case .unix: "unix"
        }
    }
}
