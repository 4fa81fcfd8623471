import Core
import EventLoops

/// What the connections of one server on one loop share.
final class LoopServices: @unchecked Sendable {
    let loop: EventLoop
    let configuration: HTTPServerConfiguration
    let handler: HTTPServer.Handler
    let counters = LoopCounters()
    let registry: ConnectionRegistry
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
        date = DateCache(clock: configuration.environment.wallClock, loop: loop)
    }
}
