public import ClusterModel
import Core
import Glibc

/// Ports of this machine for a task that is about to start: free at that moment.
public enum PortAllocation {
    /// The mappings with a host port in each: the one asked for, found to be free, or one that is.
    public static func allocate(_ wanted: [PortMapping]) throws(RuntimeError) -> [PortMapping] {
        var given: [PortMapping] = []
        // Held until all are found, so that none is found twice.
        var held: [Int32] = []
        defer { for socket in held { close(socket) } }
        for (index, mapping) in wanted.enumerated() { given.append(try bind(mapping, index, &held)) }
        return given
    }

    private static func bind(
        _ mapping: PortMapping, _ index: Int, _ held: inout [Int32]
    ) throws(RuntimeError) -> PortMapping {
        guard var address = SocketAddress(mapping.address, port: mapping.host ?? 0) else {
            throw .rejected(
                "ports[\(index)].address: '\(mapping.address)' is not an IP address",
                hint: "for example 127.0.0.1")
        }
        let type = Int32(
            (mapping.transport == .udp ? SOCK_DGRAM : SOCK_STREAM).rawValue | SOCK_CLOEXEC.rawValue)
        let number = socket(address.family, type, 0)
        guard number >= 0 else { throw failure("open a socket for", mapping) }
        held.append(number)
        // As servers do: connections that linger of one that ended are no reason against it.
        var yes: Int32 = 1
        if mapping.transport == .tcp {
            setsockopt(number, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        }
        guard address.bind(number) else {
            let what = "port \(mapping.host ?? 0) of \(mapping.address)"
            switch errno {
            case EADDRINUSE where mapping.host != nil: throw .portInUse(mapping)
            case EADDRINUSE: throw .exhausted("\(mapping.address) has no free port", hint: nil)
            case EACCES:
                throw .rejected("ports[\(index)]: \(what) is for root alone", hint: "use a port from 1024 on")
            case EADDRNOTAVAIL:
                throw .rejected(
                    "ports[\(index)]: \(mapping.address) is not an address of this machine",
                    hint: "use 127.0.0.1 or 0.0.0.0")
            default:
                throw .rejected("ports[\(index)]: \(what): \(String(cString: strerror(errno)))", hint: nil)
            }
        }
        guard let port = SocketAddress.port(of: number) else { throw failure("read the port of", mapping) }
        var given = mapping
        given.host = port
        return given
    }

    private static func failure(_ activity: String, _ mapping: PortMapping) -> RuntimeError {
        .failed("cannot \(activity) \(mapping.address): \(String(cString: strerror(errno)))")
    }
}

/// An IPv4 or IPv6 address with a port.
private struct SocketAddress {
    private var storage = sockaddr_storage()
    private var size: socklen_t = 0
    private(set) var family: Int32

    init?(_ text: String, port: UInt16) {
        var four = in_addr()
        var six = in6_addr()
        if inet_pton(AF_INET, text, &four) == 1 {
            family = AF_INET
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = port.bigEndian
            address.sin_addr = four
            store(address)
        } else if inet_pton(AF_INET6, text, &six) == 1 {
            family = AF_INET6
            var address = sockaddr_in6()
            address.sin6_family = sa_family_t(AF_INET6)
            address.sin6_port = port.bigEndian
            address.sin6_addr = six
            store(address)
        } else {
            return nil
        }
    }

    private mutating func store<Address>(_ address: Address) {
        size = socklen_t(MemoryLayout<Address>.size)
        withUnsafeMutableBytes(of: &storage) { target in
            withUnsafeBytes(of: address) { target.copyMemory(from: $0) }
        }
    }

    mutating func bind(_ socket: Int32) -> Bool {
        withUnsafePointer(to: &storage) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { Glibc.bind(socket, $0, size) == 0 }
        }
    }

    static func port(of socket: Int32) -> UInt16? {
        var storage = sockaddr_storage()
        var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let result = withUnsafeMutablePointer(to: &storage) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(socket, $0, &size) }
        }
        guard result == 0 else { return nil }
        // The port is at the same place in both.
        return withUnsafeBytes(of: storage) {
            UInt16(bigEndian: $0.loadUnaligned(fromByteOffset: 2, as: UInt16.self))
        }
    }
}
