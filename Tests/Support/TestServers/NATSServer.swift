import Glibc

/// A real NATS server for tests, on a free port of loopback, run by `Tests/Integration/harness/nats.py`.
public final class NATSServer: Sendable {
    private let server: HarnessServer

    /// Whether this machine can run one.
    public static let isAvailable = access("/usr/sbin/nats-server", X_OK) == 0

    /// - Parameter options: `--token TOKEN`, `--tls CERTIFICATE KEY`, `--verify AUTHORITIES` for clients' certificates.
    public init(_ options: [String] = []) throws { server = try HarnessServer("nats.py", options) }

    /// Where it answers: `nats://127.0.0.1:PORT`, `tls://localhost:PORT`.
    public var url: String { server.address }

    /// `kill`, `stop`, `start` (at the same address), `pause`, `resume`.
    public func tell(_ command: String) throws { try server.tell(command) }
}
