import Core
import Glibc

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

    /// The port of `HOST:PORT`, or of a URL that ends so.
    static func port(of address: String) throws -> UInt16 {
        guard let port = address.split(separator: ":").last.flatMap({ UInt16($0) }) else {
            throw ApolloError(.internal, "'\(address)' is no address with a port")
        }
        return port
    }

    /// Sends all of the bytes.
    static func send(_ bytes: [UInt8], on socket: Int32) throws {
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes {
                Glibc.send(socket, $0.baseAddress! + sent, $0.count - sent, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { throw failure("send") }
            sent += count
        }
    }

    /// The head of a response, byte by byte, so that the body begins in a buffer of its own.
    static func readHead(_ socket: Int32) throws -> String {
        var head: [UInt8] = []
        while !head.suffix(4).elementsEqual("\r\n\r\n".utf8) {
            var byte: UInt8 = 0
            guard recv(socket, &byte, 1, 0) == 1, head.count < 8192 else { throw failure("read the head") }
            head.append(byte)
        }
        return String(decoding: head, as: UTF8.self)
    }
}
