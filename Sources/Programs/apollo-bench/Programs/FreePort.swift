import Core
import Glibc

/// Ports of loopback, for programs that cannot choose a free one by themselves.
enum FreePort {
    /// One that nobody listens on now.
    static func find() throws -> UInt16 {
        let socket = try Loopback.socket()
        defer { close(socket) }
        var address = Loopback.address(0)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let code = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(socket, $0, length) == 0 ? getsockname(socket, $0, &length) : -1
            }
        }
        guard code == 0 else { throw Loopback.failure("find a free port") }
        return UInt16(bigEndian: address.sin_port)
    }

    /// Whether somebody listens there.
    static func answers(_ port: UInt16) -> Bool {
        // Why nobody answers does not matter: the caller asks again.
        guard let socket = try? Loopback.connect(port) else { return false }
        close(socket)
        return true
    }
}

/// Plain sockets that block, for the clients of one connection that are measured.
enum Loopback {
    static func socket() throws -> Int32 {
        let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard socket >= 0 else { throw failure("make a socket") }
        return socket
    }

    static func address(_ port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return address
    }

    static func connect(_ port: UInt16) throws -> Int32 {
        let socket = try socket()
        var address = address(port)
        let code = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard code == 0 else {
            defer { close(socket) }
            throw failure("connect to port \(port)")
        }
        // Nothing that is measured here is silent for so long.
        var limit = timeval(tv_sec: 30, tv_usec: 0)
        for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
            setsockopt(socket, SOL_SOCKET, option, &limit, socklen_t(MemoryLayout<timeval>.size))
        }
        return socket
    }

    static func failure(_ verb: String) -> ApolloError {
        ApolloError(.unavailable, "cannot \(verb): \(String(cString: strerror(errno)))")
    }
}
