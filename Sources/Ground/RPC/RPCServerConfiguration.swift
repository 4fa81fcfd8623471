public import Core
public import RPCModel

/// How a server listens, and what it allows.
public struct RPCServerConfiguration: Sendable {
    /// Where to listen; with certificates TLS is spoken.
    public struct Endpoint: Sendable {
        public var address: RPCAddress
        public var certificates: RPCServerCertificates?

        public init(_ address: RPCAddress, certificates: RPCServerCertificates? = nil) {
            self.address = address
            self.certificates = certificates
        }
    }

    public var endpoints: [Endpoint]
    /// The most bytes of a message that is taken; a larger one ends its call with `RESOURCE_EXHAUSTED`.
    public var maximumMessage = 4 << 20
    /// The most calls at once; one more is refused with `RESOURCE_EXHAUSTED`.
    public var maximumCalls = 10_000
    /// The most calls at once of one connection; the client waits with more.
    public var maximumCallsPerConnection = 1000
    public var keepAlive: RPCKeepAlive? = RPCKeepAlive()
    /// What stands around every call, the outermost first.
    public var interceptors: [RPCInterceptor]
    public var environment: Environment

    public init(endpoints: [Endpoint], interceptors: [RPCInterceptor] = [], environment: Environment) {
        self.endpoints = endpoints
        self.interceptors = interceptors
        self.environment = environment
    }
}
