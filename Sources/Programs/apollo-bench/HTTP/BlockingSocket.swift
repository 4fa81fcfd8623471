import Core
import Glibc

/// A plain blocking connection to a port of this machine: the client that costs least.
final class BlockingSocket: Sendable {
    let descriptor: Int32
    let port: UInt16

    init(port: UInt16) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        self.port = port
        var address = Self.loopback(port)
        let code = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard code == 0 else {
            throw ApolloError(
                .unavailable, "cannot connect to port \(port): \(String(cString: strerror(errno)))")
        }
    }

    /// Bound to a free port, to know its number.
    init(listening: Void) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = Self.loopback(0)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let descriptor = self.descriptor
        let code = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, length) == 0 ? getsockname(descriptor, $0, &length) : -1
            }
        }
        port = UInt16(bigEndian: address.sin_port)
        guard code == 0 else { throw ApolloError(.unavailable, "no free port") }
    }

    deinit { close(descriptor) }

    private static func loopback(_ port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return address
    }

    func send(_ bytes: [UInt8], count: Int? = nil) throws {
        let count = count ?? bytes.count
        var sent = 0
        while sent < count {
            let step = bytes.withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress! + sent, count - sent, Int32(MSG_NOSIGNAL))
            }
            guard step > 0 else {
                throw ApolloError(.unavailable, "the server took \(sent) of \(count) bytes")
            }
            sent += step
        }
    }

    /// What comes next, into `buffer`; 0 at the end.
    func receive(_ buffer: inout [UInt8]) -> Int { max(0, recv(descriptor, &buffer, buffer.count, 0)) }

    /// The head of a response, and the bytes of the body that came with it.
    func readHead(_ buffer: inout [UInt8]) throws -> (status: Int, length: Int, rest: Int) {
        var head: [UInt8] = []
        while true {
            let count = receive(&buffer)
            guard count > 0 else { throw ApolloError(.unavailable, "the server ended the connection") }
            head += buffer[..<count]
            let text = String(decoding: head.prefix(4096), as: UTF8.self)
            let lines = text.split(separator: "\r\n", omittingEmptySubsequences: false)
            guard let end = lines.firstIndex(of: "") else { continue }
            let size = lines[...end].reduce(0) { $0 + $1.utf8.count + 2 }
            guard size <= head.count else { continue }
            let status = Int(lines[0].split(separator: " ")[1]) ?? 0
            let length = lines[1..<end].first { $0.lowercased().hasPrefix("content-length:") }
                .flatMap { Int($0.split(separator: ":")[1].drop { $0 == " " }) }
            return (status, length ?? -1, head.count - size)
        }
    }
}
