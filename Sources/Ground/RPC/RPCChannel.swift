import CGRPC
import Concurrency
import Core
public import RPCModel
import Synchronization

/// Calls one server, over a connection that is made when it is needed and made again when it is lost.
public final class RPCChannel: RPCCalling {
    private let address: RPCAddress
    private let configuration: RPCChannelConfiguration
    private let poller: RPCPoller
    private let handle: Mutex<ChannelHandle>

    /// - Throws: `ApolloError` where certificates or keys cannot be read. Whether the server answers, the first call shows.
    public init(_ address: RPCAddress, configuration: RPCChannelConfiguration, poller: RPCPoller) throws {
        self.address = address
        self.configuration = configuration
        self.poller = poller
        handle = Mutex(try ChannelHandle(address, configuration))
    }

    /// Reads the certificates again. Calls that run go on with the old ones, new calls make a new connection.
    public func reload() throws {
        let new = try ChannelHandle(address, configuration)
        handle.withLock { $0 = new }
    }

    public func unary(_ path: String, _ request: [UInt8], _ options: RPCCallOptions) async throws -> [UInt8] {
        let call = try begin(path, options)
        let metadata = try outgoing(options).forCore()
        _ = await withTaskCancellationHandler {
            await operation { tag in
                request.withBytes {
                    cgrpc_call_unary(call.pointer, metadata, options.waitsForConnection, $0, tag)
                }
            }
        } onCancel: {
            call.cancel()
        }
        if let failure = call.failure { throw failure }
        guard let message = call.takeMessage() else {
            throw RPCError(.internal, "the server ended \(path) well, and sent no answer")
        }
        return message
    }

    public func stream<Result: Sendable>(
        _ path: String, _ kind: RPCKind, _ options: RPCCallOptions,
        _ body: @Sendable (any RPCClientExchange) async throws -> Result
    ) async throws -> Result {
        let call = try begin(path, options)
        let clock = configuration.environment.clock
        var metadata = try outgoing(options)
        if let heartbeat = options.heartbeat {
            try metadata.add(RPCHeartbeat.metadata, "\(heartbeat.milliseconds)")
        }
        let exchange = ClientExchange(
            call, lifeSigns: options.heartbeat.map { LifeSigns($0, clock: clock) }, kind: kind)
        try await exchange.open(metadata, waits: options.waitsForConnection)
        return try await withTaskCancellationHandler {
            do {
                let result = try await withHeartbeats(exchange) { try await body(exchange) }
                await exchange.close()
                return result
            } catch {
                await exchange.close()
                throw error
            }
        } onCancel: {
            call.cancel()
        }
    }

    private func withHeartbeats<Result: Sendable>(
        _ exchange: ClientExchange, _ body: @Sendable () async throws -> Result
    ) async throws -> Result {
        guard exchange.lifeSigns != nil else { return try await body() }
        let clock = configuration.environment.clock
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask(executorPreference: poller) { await exchange.live(clock: clock) }
            defer { group.cancelAll() }
            do { return try await body() } catch {
                // Whoever waits for the server's first metadata has to be let go.
                exchange.call.cancel()
                throw error
            }
        }
    }

    private func begin(_ path: String, _ options: RPCCallOptions) throws -> ClientCall {
        if Task.isCancelled { throw RPCError(.cancelled, "the call was cancelled before it began") }
        var timeout = options.timeout
        if let deadline = RPCContext.current?.deadline {
            let remaining = max(.zero, configuration.environment.clock.now.duration(to: deadline))
            timeout = min(timeout ?? remaining, remaining)
        }
        let channel = handle.withLock { $0 }
        guard let call = channel.call(path, timeout: timeout, poller) else {
            throw RPCError(.internal, "a call of \(path) could not be made")
        }
        return ClientCall(call, of: channel)
    }

    /// What the caller sends along, and what goes on from the call that is being answered.
    private func outgoing(_ options: RPCCallOptions) throws -> RPCMetadata {
        guard let current = RPCContext.current else { return options.metadata }
        var metadata = options.metadata
        for name in ["traceparent", "tracestate"] where metadata[name] == nil {
            if let value = current.metadata[name] { try metadata.add(name, value) }
        }
        if metadata["x-request-id"] == nil { try metadata.add("x-request-id", current.requestID) }
        return metadata
    }
}

/// A channel of the core.
final class ChannelHandle: @unchecked Sendable {
    private let pointer: OpaquePointer

    init(_ address: RPCAddress, _ configuration: RPCChannelConfiguration) throws {
        RPCLibrary.start
        let arguments = ArgumentsHandle()
        arguments.set("grpc.max_receive_message_length", configuration.maximumMessage)
        arguments.set("grpc.max_send_message_length", -1)
        arguments.set("grpc.compression_enabled_algorithms_bitset", 1)
        arguments.set("grpc.enable_http_proxy", 0)
        arguments.set("grpc.service_config_disable_resolution", 1)
        arguments.set("grpc.enable_retries", 0)
        // Connections of other channels are not shared: they may show other certificates.
        arguments.set("grpc.use_local_subchannel_pool", 1)
        arguments.set("grpc.primary_user_agent", "apollo")
        arguments.set("grpc.initial_reconnect_backoff_ms", configuration.reconnectFirst)
        // No pause, in spite of its name: the time that an attempt has.
        arguments.set("grpc.min_reconnect_backoff_ms", configuration.connectTimeout)
        arguments.set("grpc.max_reconnect_backoff_ms", configuration.reconnectAtMost)
        configuration.keepAlive?.apply(to: arguments, isServer: false)
        if let name = configuration.serverName {
            arguments.set("grpc.ssl_target_name_override", name)
            arguments.set("grpc.default_authority", name)
        } else if case .unix = address {
            arguments.set("grpc.default_authority", "localhost")
        }
        let texts = try configuration.certificates?.read(isServer: false)
        func create(_ identity: UnsafePointer<cgrpc_identity>?) -> OpaquePointer {
            guard let authorities = texts?.authorities else {
                return cgrpc_channel_create(address.target, arguments.pointer, texts != nil, identity, nil)
            }
            return cgrpc_channel_create(address.target, arguments.pointer, true, identity, authorities)
        }
        if let certificates = texts?.certificates, let key = texts?.key {
            pointer = certificates.withCString { certificates in
                key.withCString { key in
                    var identity = cgrpc_identity(certificates: certificates, key: key, authorities: nil)
                    return create(&identity)
                }
            }
        } else {
            pointer = create(nil)
        }
    }

    deinit { cgrpc_channel_destroy(pointer) }

    func call(_ path: String, timeout: Duration?, _ poller: RPCPoller) -> OpaquePointer? {
        path.withBytes { cgrpc_channel_call(pointer, poller.pointer, $0, timeout?.inNanoseconds ?? -1) }
    }
}
