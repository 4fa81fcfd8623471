import Core
import EventLoops

/// What the connections of one server on one loop share.
final class LoopServices: @unchecked Sendable {
    let loop: EventLoop
    let configuration: HTTPServerConfiguration
    let handler: HTTPServer.Handler
    let counters = LoopCounters()
    let registry: ConnectionRegistry
    // In nanoseconds, made once: the arithmetic of Duration, in 128 bits, took a twentieth of a short request.
    let headTimeout: Int64
    let idleTimeout: Int64
    /// Only touched on the loop.
    let date: DateCache

    init(
        loop: EventLoop, configuration: HTTPServerConfiguration, registry: ConnectionRegistry,
        handler: @escaping HTTPServer.Handler
    ) {
        self.loop = loop
        self.configuration = configuration
        self.registry = registry
        self.handler = handler
        headTimeout = configuration.timeouts.head.inNanoseconds
        idleTimeout = configuration.timeouts.idle.inNanoseconds
        date = DateCache(clock: configuration.environment.wallClock, loop: loop)
    }
}
