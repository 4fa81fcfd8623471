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
