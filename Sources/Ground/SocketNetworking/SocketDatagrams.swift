import CApollo
import Concurrency
import Core
public import EventLoops
import Glibc
public import Networking
import Synchronization

/// The ``DatagramNetwork`` of the machine: UDP sockets on event loops. Addresses are numbers.
public final class SocketDatagrams: DatagramNetwork {
    private let loops: EventLoopGroup

    public init(loops: EventLoopGroup) { self.loops = loops }

    public func bind(to address: NetworkAddress) async throws -> any DatagramSocket {
        guard var kernel = KernelAddress(address) else {
            throw ApolloError(
                .invalid, "'\(address.host)' is no IP address", hint: "for example 127.0.0.1 or ::1")
        }
        let descriptor = socket(
            kernel.family, Int32(SOCK_DGRAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw Self.failure("make a socket for datagrams", errno) }
        guard kernel.bind(descriptor) else {
            let code = errno
            close(descriptor)
            throw Self.failure("take datagrams at \(address)", code)
        }
        guard let bound = KernelAddress.bound(descriptor) else {
            let code = errno
            close(descriptor)
            throw Self.failure("take datagrams at \(address)", code)
        }
        return try await UDPSocket.watching(descriptor, address: bound.networkAddress, on: loops.next())
    }

    private static func failure(_ activity: String, _ code: Int32) -> ApolloError {
        let (kind, hint): (ErrorKind, String?) =
            switch code {
            case EADDRINUSE: (.conflict, "another program takes them: stop it, or choose another port")
            case EACCES, EPERM:
                (.denied, "ports below 1024 need root or CAP_NET_BIND_SERVICE: choose a higher one")
            case EADDRNOTAVAIL: (.invalid, "it must be an address of this machine ('ip address' lists them)")
            case EMFILE, ENFILE: (.exhausted, "raise the limit of open files ('ulimit -n')")
            default: (.unavailable, nil)
            }
        return ApolloError(kind, "cannot \(activity): \(String(cString: strerror(code)))", hint: hint)
    }
}

/// A bound UDP socket.
private actor UDPSocket: DatagramSocket {
    nonisolated let address: NetworkAddress
    private nonisolated let loop: EventLoop
    private nonisolated let watch: DescriptorWatch
    /// Held while something is sent: a descriptor that is closed may be another file's by then.
    private nonisolated let isClosed = Mutex(false)
    private var isWaiting = false
    private var buffer = [UInt8](repeating: 0, count: 65_536)

    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    static func watching(
        _ descriptor: Int32, address: NetworkAddress, on loop: EventLoop
    ) async throws -> UDPSocket {
        let result: Result<UDPSocket, SocketError> = await withCheckedContinuation { continuation in
            loop.execute {
                continuation.resume(
                    returning: Result { () throws(SocketError) in
                        UDPSocket(
                            address, loop, try DescriptorWatch(descriptor: descriptor, loop: loop))
                    })
            }
        }
        switch result {
        case .success(let socket): return socket
        case .failure(let error):
            Glibc.close(descriptor)
            throw ApolloError(error)
        }
    }

    private init(_ address: NetworkAddress, _ loop: EventLoop, _ watch: DescriptorWatch) {
        self.address = address
        self.loop = loop
        self.watch = watch
    }

    deinit {
        let watch = self.watch
        loop.execute { watch.close() }
    }

    nonisolated func send(_ bytes: [UInt8], to address: NetworkAddress) {
        guard var kernel = KernelAddress(address) else { return }
        isClosed.withLock { isClosed in
            // What finds no room is lost, as datagrams are.
            if !isClosed { kernel.send(bytes, on: watch.descriptor) }
        }
    }

    func receive(before deadline: MonotonicInstant) async throws -> Datagram? {
        while true {
            try Task.checkCancellation()
            if watch.isClosed || isClosed.withLock({ $0 }) { return nil }
            if let datagram = KernelAddress.receive(on: watch.descriptor, into: &buffer) {
                return datagram
            }
            watch.mayRead = false
            guard !isWaiting else { throw SocketError.busy.translated("receive at \(address)") }
            isWaiting = true
            defer { isWaiting = false }
            let (watch, loop) = (self.watch, self.loop)
            let outcome = await withTaskCancellationHandler {
                // By way of self: a closure that does not capture the actor would leave its thread.
                await self.watch.readable(until: deadline.nanoseconds, unlessCancelled: true)
            } onCancel: {
                loop.execute { watch.interruptReader() }
            }
            if outcome == .timedOut { throw ApolloError(.deadline, "no datagram came to \(address) in time") }
        }
    }

    nonisolated func close() {
        isClosed.withLock { $0 = true }
        let watch = self.watch
        loop.execute { watch.close() }
    }
}

/// A socket address as system calls take it.
private struct KernelAddress {
    private var address: capollo_address

    private init(_ address: capollo_address) { self.address = address }

    /// Nil for a name.
    init?(_ address: NetworkAddress) {
        var kernel = capollo_address()
        // A number takes no look-up, and nothing that blocks.
        let isNumber = address.host.utf8.allSatisfy {
            (0x30...0x39).contains($0) || (0x61...0x66).contains($0) || (0x41...0x46).contains($0)
                || $0 == 0x2E || $0 == 0x3A
        }
        let looksLikeOne = address.host.contains(":") || address.host.last?.isNumber == true
        guard isNumber, looksLikeOne, capollo_address_resolve(address.host, address.port, 0, &kernel) == 0
        else { return nil }
        self.address = kernel
    }

    var family: Int32 { Int32(address.storage.ss_family) }

    private mutating func withSocketAddress<Result>(
        _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
    ) -> Result {
        let length = address.length
        return withUnsafePointer(to: &address.storage) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, length) }
        }
    }

    mutating func bind(_ descriptor: Int32) -> Bool {
        withSocketAddress { Glibc.bind(descriptor, $0, $1) == 0 }
    }

    mutating func send(_ bytes: [UInt8], on descriptor: Int32) {
        _ = withSocketAddress {
            sendto(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL), $0, $1)
        }
    }

    static func bound(_ descriptor: Int32) -> KernelAddress? {
        var address = capollo_address()
        return capollo_socket_name(descriptor, &address) == 0 ? KernelAddress(address) : nil
    }

    /// The next datagram; nil where there is none now.
    static func receive(on descriptor: Int32, into buffer: inout [UInt8]) -> Datagram? {
        var sender = capollo_address()
        while true {
            sender.length = socklen_t(MemoryLayout<sockaddr_storage>.size)
            let capacity = buffer.count
            var length = sender.length
            let count = withUnsafeMutablePointer(to: &sender.storage) { storage in
                storage.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    recvfrom(descriptor, &buffer, capacity, 0, $0, &length)
                }
            }
            sender.length = length
            if count >= 0 {
                return Datagram(bytes: Array(buffer[..<count]), sender: KernelAddress(sender).networkAddress)
            }
            // What an earlier datagram met on its way is told here (udp(7)): that says nothing of the next.
            guard errno == EINTR || errno == ECONNREFUSED else { return nil }
        }
    }

    var networkAddress: NetworkAddress {
        var address = self.address
        return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 64) { text in
            let port = capollo_address_text(&address, text.baseAddress!, 64)
            return NetworkAddress(
                host: String(cString: text.baseAddress!), port: UInt16(clamping: port))
        }
    }
}
