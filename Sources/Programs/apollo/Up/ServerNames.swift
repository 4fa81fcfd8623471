import Certificates
import Core
import Glibc

/// The names and addresses that the server's own certificate bears.
enum ServerNames {
    private static let limit = 100

    /// Reads the setting `http.tls.names`: `apollo.example,10.0.0.1`.
    static func parse(_ text: String) throws(ApolloError) -> [AlternativeName] {
        var names: [AlternativeName] = []
        for part in text.split(separator: ",") {
            let part = String(part.drop { $0 == " " })
            guard let name = AlternativeName(parsing: part) else {
                throw fault("'\(part.printable)' is neither a host's name nor an address")
            }
            if !names.contains(name) { names.append(name) }
        }
        guard !names.isEmpty else { throw fault("it names nothing") }
        guard names.count <= limit else { throw fault("it has more than \(limit) names") }
        return names
    }

    private static func fault(_ what: String) -> ApolloError {
        ApolloError(.invalid, "http.tls.names: \(what)", hint: "write it as apollo.example,10.0.0.1")
    }

    /// What a server that listens on `address` is reached by, on a machine with this name and these addresses. Loopback is
    /// always among it: tunnels end there.
    static func derived(listening address: String, host: String, addresses: [String]) -> [AlternativeName] {
        let isEverywhere = ["0.0.0.0", "::", "[::]"].contains(address)
        let reached = isEverywhere ? addresses : [address]
        var names: [AlternativeName] = []
        for text in [host] + reached + ["localhost", "127.0.0.1", "::1"] {
            let bare = text.hasPrefix("[") ? String(text.dropFirst().dropLast()) : text
            guard let name = AlternativeName(parsing: bare), !names.contains(name) else { continue }
            names.append(name)
        }
        // The three of loopback are worth more than the last of many bridges.
        return names.count <= limit ? names : Array(names.prefix(limit - 3) + names.suffix(3))
    }

    /// The same for this machine.
    static func ofThisMachine(listening address: String) -> [AlternativeName] {
        derived(listening: address, host: hostName, addresses: addresses)
    }

    private static var hostName: String {
        var bytes = [CChar](repeating: 0, count: 256)
        guard gethostname(&bytes, bytes.count - 1) == 0 else { return "localhost" }
        return bytes.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
    }

    /// The addresses of the interfaces that are up, without those that only mean something on one cable.
    private static var addresses: [String] {
        var first: UnsafeMutablePointer<ifaddrs>?
        guard getifaddrs(&first) == 0 else { return [] }
        defer { freeifaddrs(first) }
        var found: [String] = []
        var next = first
        while let interface = next?.pointee {
            next = interface.ifa_next
            guard interface.ifa_flags & UInt32(IFF_UP) != 0, let address = interface.ifa_addr,
                let text = text(of: address), !text.hasPrefix("fe80:"), !text.hasPrefix("169.254.")
            else { continue }
            found.append(text)
        }
        return found
    }

    private static func text(of address: UnsafeMutablePointer<sockaddr>) -> String? {
        let length: Int
        switch Int32(address.pointee.sa_family) {
        case AF_INET: length = MemoryLayout<sockaddr_in>.size
        case AF_INET6: length = MemoryLayout<sockaddr_in6>.size
        default: return nil
        }
        var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
        guard
            getnameinfo(
                address, socklen_t(length), &text, socklen_t(text.count), nil, 0, NI_NUMERICHOST) == 0
        else { return nil }
        return text.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
    }
}
