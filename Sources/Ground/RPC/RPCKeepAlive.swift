/// HTTP/2's pings, which find out that a machine is gone or a process stands still.
///
/// Servers of other makes may refuse pings more often than every five minutes, with "too many pings"; Apollo's accepts one every
/// five seconds. That a program behind a living connection does nothing any more, only heartbeats tell.
public struct RPCKeepAlive: Hashable, Sendable {
    /// How long a connection is quiet before it is pinged.
    public var after: Duration
    /// How long the answer may take.
    public var timeout: Duration

    public init(after: Duration = .seconds(20), timeout: Duration = .seconds(10)) {
        self.after = after
        self.timeout = timeout
    }

    func apply(to arguments: borrowing ArgumentsHandle, isServer: Bool) {
        arguments.set("grpc.keepalive_time_ms", after)
        arguments.set("grpc.keepalive_timeout_ms", timeout)
        arguments.set("grpc.http2.max_pings_without_data", 0)
        // A server looks after idle connections too; a client only after those it waits on.
        if isServer { arguments.set("grpc.keepalive_permit_without_calls", 1) }
    }
}
