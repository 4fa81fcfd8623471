public import Core

/// How a server is called.
public struct RPCChannelConfiguration: Sendable {
    /// Whom to trust, and what to show; nil for no TLS.
    public var certificates: RPCCertificates?
    /// The name that the server's certificate must have, where it is not that of the address.
    public var serverName: String?
    public var maximumMessage = 4 << 20
    /// Nil for servers of other makes that refuse pings.
    public var keepAlive: RPCKeepAlive? = RPCKeepAlive()
    /// How long to wait before a lost connection is tried again: the first time, and at most. The core draws around it, so that those
    /// who were cut off together do not come back together.
    public var reconnectFirst = Duration.milliseconds(200)
    public var reconnectAtMost = Duration.seconds(20)
    /// How long one attempt may take to connect, the TLS handshake and the server's first words included. Calls that do not wait for a
    /// connection fail with it, so it has to be long enough for a busy machine.
    public var connectTimeout = Duration.seconds(20)
    public var environment: Environment

    public init(environment: Environment) { self.environment = environment }
}
