import Glibc

/// Unix stream sockets at paths of any length: the address has room for 107 bytes, so it names the socket through the
/// descriptor of its directory.
enum UnixSocket {
    static func listen(_ directory: String, _ name: String) throws(SystemError) -> Descriptor {
        let socket = try make()
        unlink(directory + "/" + name)
        try withAddress(directory, name) { address, size throws(SystemError) in
            // Nobody but the owner may connect, from the first moment.
            let before = umask(0o177)
            defer { umask(before) }
            guard bind(socket.number, address, size) == 0 else { throw .last("bind", directory + "/" + name) }
        }
        guard Glibc.listen(socket.number, 128) == 0 else { throw .last("listen", directory + "/" + name) }
        return socket
    }

    static func connect(_ directory: String, _ name: String) throws(SystemError) -> Descriptor {
        let socket = try make()
        try withAddress(directory, name) { address, size throws(SystemError) in
            guard retryingInterrupts({ Glibc.connect(socket.number, address, size) }) == 0 else {
                throw .last("connect", directory + "/" + name)
            }
        }
        return socket
    }

    private static func make() throws(SystemError) -> Descriptor {
        let number = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard number >= 0 else { throw .last("socket", "of the launcher") }
        return Descriptor(owning: number)
    }

    private static func withAddress(
        _ directory: String, _ name: String,
        _ body: (UnsafePointer<sockaddr>, socklen_t) throws(SystemError) -> Void
    ) throws(SystemError) {
        let folder = try Descriptor.open(directory, O_RDONLY | O_DIRECTORY)
        let path = "/proc/self/fd/\(folder.number)/\(name)"
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { target in
            precondition(path.utf8.count < target.count)
            target.copyBytes(from: path.utf8)
        }
        var failure: SystemError?
        withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                do throws(SystemError) {
                    try body(address, socklen_t(MemoryLayout<sockaddr_un>.size))
                } catch {
                    failure = error
                }
            }
        }
        withExtendedLifetime(folder) {}
        if let failure { throw failure }
    }
}
