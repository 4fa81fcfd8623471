import CApollo
import Glibc

/// Loopback, and who holds which port.
enum NetworkProbe {
    /// Whether a connection to ourselves comes about.
    static func loopback() -> Bool {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        let client = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard listener >= 0, client >= 0 else { return false }
        defer {
            close(listener)
            close(client)
        }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        return withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, length) == 0 && listen(listener, 1) == 0
                    && getsockname(listener, $0, &length) == 0 && connect(client, $0, length) == 0
            }
        }
    }

    static func forwardsPackets() -> Bool? {
        SystemFile.number("/proc/sys/net/ipv4/ip_forward").map { $0 != 0 }
    }

    static func ports(_ wanted: [(number: UInt16, purpose: String)]) -> [MachineFacts.Port] {
        var sockets: [UInt16: String] = [:]
        for table in ["/proc/net/tcp", "/proc/net/tcp6"] {
            for (port, inode) in listeners(in: SystemFile.text(table) ?? "") where sockets[port] == nil {
                sockets[port] = inode
            }
        }
        let owners = owners(of: Set(wanted.compactMap { sockets[$0.number] }))
        return wanted.map { port in
            let inode = sockets[port.number]
            return MachineFacts.Port(
                number: port.number, purpose: port.purpose,
                holder: inode.map { owners[$0] ?? .unknown } ?? .nobody)
        }
    }

    /// The ports of a table of the kernel (proc(5)) that are listened on, with the inodes of their sockets.
    static func listeners(in table: String) -> [(port: UInt16, inode: String)] {
        table.split(separator: "\n").dropFirst().compactMap { line in
            let fields = line.split(separator: " ")
            // 0A is TCP_LISTEN.
            guard fields.count > 9, fields[3] == "0A", let colon = fields[1].lastIndex(of: ":"),
                let port = UInt16(fields[1][fields[1].index(after: colon)...], radix: 16)
            else { return nil }
            return (port, String(fields[9]))
        }
    }

    /// The processes that have these sockets open, as far as this user may see.
    private static func owners(of inodes: Set<String>) -> [String: MachineFacts.Port.Holder] {
        guard !inodes.isEmpty else { return [:] }
        let wanted = Dictionary(uniqueKeysWithValues: inodes.map { ("socket:[\($0)]", $0) })
        var owners: [String: MachineFacts.Port.Holder] = [:]
        for name in SystemFile.names(in: "/proc") {
            guard let process = Int32(name) else { continue }
            for file in SystemFile.names(in: "/proc/\(name)/fd") {
                guard let link = SystemFile.link("/proc/\(name)/fd/\(file)"), let inode = wanted[link],
                    owners[inode] == nil
                else { continue }
                let command = SystemFile.text("/proc/\(name)/comm")?.split(separator: "\n").first
                owners[inode] = .process(id: process, name: command.map(String.init) ?? "?")
            }
            if owners.count == inodes.count { break }
        }
        return owners
    }
}
