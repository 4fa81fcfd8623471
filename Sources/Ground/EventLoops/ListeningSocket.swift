import CApollo
import Core
import Glibc

/// Opens listening sockets, with errors that say what to try.
enum ListeningSocket {
    static func open(
        _ address: SocketAddress, backlog: Int32
    ) throws(ApolloError) -> (descriptor: Int32, bound: SocketAddress, file: UnixSocketFile?) {
        var kernelAddress = try address.resolved(forListening: true)
        var descriptor = capollo_socket_create(&kernelAddress)
        guard descriptor >= 0 else { throw failure(address, errno) }
        var code = listen(descriptor, &kernelAddress, backlog)
        if code == EADDRINUSE, case .unix(let path) = address, UnixSocketFile.isStale(path, &kernelAddress) {
            // A socket that failed to bind may not be bound again.
            close(descriptor)
            unlink(path)
            descriptor = capollo_socket_create(&kernelAddress)
            guard descriptor >= 0 else { throw failure(address, errno) }
            code = listen(descriptor, &kernelAddress, backlog)
        }
        guard code == 0 else {
            close(descriptor)
            throw failure(address, code)
        }
        if case .unix(let path) = address { return (descriptor, address, UnixSocketFile(path: path)) }
        var bound = capollo_address()
        guard capollo_socket_name(descriptor, &bound) == 0 else {
            let code = errno
            close(descriptor)
            throw failure(address, code)
        }
        return (descriptor, SocketAddress(bound), nil)
    }

    private static func listen(_ descriptor: Int32, _ address: inout capollo_address, _ backlog: Int32)
        -> Int32
    {
        capollo_socket_listen(descriptor, &address, 1, backlog) == 0 ? 0 : errno
    }

    private static func failure(_ address: SocketAddress, _ code: Int32) -> ApolloError {
        let hint: String? =
            switch (address, code) {
            case (.tcp(let host, let port), EADDRINUSE):
                "another program listens there ('ss -ltnp sport = :\(port)' names it): "
                    + "stop it, or choose another port, such as \(host):\(port == .max ? 7070 : port + 1)"
            case (.unix(let path), EADDRINUSE):
                "another program listens there, or '\(path)' is not a socket: stop it, or choose another path"
            case (.tcp(_, let port), EACCES) where port < 1024:
                "ports below 1024 need root or CAP_NET_BIND_SERVICE: choose a higher one"
            case (.tcp, EADDRNOTAVAIL):
                "the host must be an address of this machine ('ip address' lists them)"
            case (.unix, ENOENT): "its directory does not exist: create it first"
            case (.unix, EACCES), (.unix, EROFS):
                "its directory must be writable for the user that runs Apollo"
            default: nil
            }
        return SystemCall.error("listen on \(address)", code, hint: hint)
    }
}

/// The file of a unix socket that this process made.
struct UnixSocketFile: Sendable {
    private let path: String
    private let device: dev_t
    private let inode: ino_t

    init?(path: String) {
        var status = stat()
        guard lstat(path, &status) == 0 else { return nil }
        self.path = path
        device = status.st_dev
        inode = status.st_ino
    }

    /// Removes the file unless another process has put its own there.
    func remove() {
        var status = stat()
        guard lstat(path, &status) == 0, status.st_dev == device, status.st_ino == inode else { return }
        unlink(path)
    }

    /// Whether `path` is a socket that nobody listens on: what a process that was killed leaves behind.
    static func isStale(_ path: String, _ address: inout capollo_address) -> Bool {
        var status = stat()
        guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFSOCK else { return false }
        let probe = capollo_socket_create(&address)
        guard probe >= 0 else { return false }
        defer { close(probe) }
        return capollo_socket_connect(probe, &address) != 0 && errno == ECONNREFUSED
    }
}
