import CGRPC
import Core
import Glibc
import Synchronization

/// A server of the core.
final class ServerHandle: @unchecked Sendable {
    private let pointer: OpaquePointer

    init(_ configuration: RPCServerConfiguration, _ poller: RPCPoller) {
        let arguments = ArgumentsHandle()
        arguments.set("grpc.max_receive_message_length", configuration.maximumMessage)
        arguments.set("grpc.max_send_message_length", -1)
        arguments.set("grpc.max_concurrent_streams", configuration.maximumCallsPerConnection)
        // Two servers on one port would share its calls, and nobody would know why half of them fail.
        arguments.set("grpc.so_reuseport", 0)
        // Messages are small, or compressed already. Only "identity" is taken.
        arguments.set("grpc.compression_enabled_algorithms_bitset", 1)
        arguments.set("grpc.http2.min_ping_interval_without_data_ms", .seconds(5))
        configuration.keepAlive?.apply(to: arguments, isServer: true)
        pointer = cgrpc_server_create(arguments.pointer, poller.pointer)
    }

    deinit { cgrpc_server_destroy(pointer) }

    /// Returns the address with the port that was free.
    func listen(_ endpoint: RPCServerConfiguration.Endpoint) throws -> RPCAddress {
        let port: Int32
        if let certificates = endpoint.certificates {
            // As the core's credentials, it lives as long as the process.
            let fetcher = Unmanaged.passRetained(CertificateFetcher(certificates)).toOpaque()
            port = cgrpc_server_listen_tls(
                pointer, endpoint.address.listening, certificates.requiresClients, fetcher
            ) { fetcher, certificates, key, authorities in
                guard
                    let texts = Unmanaged<CertificateFetcher>.fromOpaque(fetcher).takeUnretainedValue().next()
                else {
                    return false
                }
                certificates.pointee = texts.certificates.map { strdup($0) }
                key.pointee = texts.key.map { strdup($0) }
                // The core insists on authorities. Where clients are asked for no certificate nothing is checked against them.
                authorities.pointee = (texts.authorities ?? texts.certificates).map { strdup($0) }
                return true
            }
        } else {
            port = cgrpc_server_listen(pointer, endpoint.address.listening)
        }
        guard port > 0 else {
            throw ApolloError(
                .unavailable, "cannot listen for calls on \(endpoint.address): \(Self.reason)",
                hint: "choose another address, or end what has it")
        }
        guard case .tcp(let host, _) = endpoint.address else { return endpoint.address }
        return .tcp(host, UInt16(port))
    }

    /// What the core has complained of last.
    private static var reason: String {
        let complaint = RPCLibrary.complaint.withLock { $0 }
        for known in ["Address already in use", "Permission denied", "Cannot assign requested address"]
        where complaint.contains(known) { return known.lowercased() }
        return complaint.isEmpty ? "the address cannot be used" : String(complaint.prefix(200))
    }

    func start() { cgrpc_server_start(pointer) }

    func request(_ call: OpaquePointer, _ tag: UnsafeMutableRawPointer) -> Bool {
        cgrpc_server_request(pointer, call, tag)
    }

    /// A method whose calls are asked for by themselves; before the start.
    func register(_ path: String) -> MethodHandle? {
        cgrpc_server_register(pointer, path).map(MethodHandle.init)
    }

    func request(_ method: MethodHandle, _ call: OpaquePointer, _ tag: UnsafeMutableRawPointer) -> Bool {
        cgrpc_server_request_of(pointer, method.pointer, call, tag)
    }

    func shutdown(_ tag: UnsafeMutableRawPointer) -> Bool { cgrpc_server_shutdown(pointer, tag) }

    /// Closes what is listened on already; the core does not let go of a server that still listens.
    func abandon() { _ = shutdown(OperationTag(Abandoned(self)).pointer) }

    private final class Abandoned: OperationObserver, @unchecked Sendable {
        private let handle: ServerHandle

        init(_ handle: ServerHandle) { self.handle = handle }
    }

    func cancelAll() { cgrpc_server_cancel_all(pointer) }
}

/// A method that the core knows; it is its server's, and lives as long.
struct MethodHandle: @unchecked Sendable {
    fileprivate let pointer: UnsafeMutableRawPointer
}
