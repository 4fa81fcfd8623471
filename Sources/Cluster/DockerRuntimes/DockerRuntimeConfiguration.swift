public import Core

/// How a ``DockerRuntime`` finds its engine and sets its containers up.
public struct DockerRuntimeConfiguration: Sendable {
    /// Tells several Apollos on one engine apart: each sees its own containers only. The same after a restart.
    public var instance: String
    /// Where the engine may listen; the first that answers is taken. Empty to look in the usual places.
    public var sockets: [String]
    /// The process's environment variables, of which `DOCKER_HOST` and `XDG_RUNTIME_DIR` are read.
    public var variables: [String: String]
    /// The most processes and threads of an attempt that sets no limit of its own, so that none can take the machine.
    public var processLimit: Int64
    /// The output the engine keeps of each attempt: that many files of that size, the oldest of which goes first.
    public var logFileSize: ByteCount
    public var logFileCount: Int
    /// The longest that fetching one image may take.
    public var pullTime: Duration
    /// The resolvers that containers have; empty for the engine's own.
    public var resolvers: [String] = []
    /// What the names of a project's tasks end in; looked for by ``resolvers``.
    public var searchDomain: @Sendable (_ project: String) -> String? = { _ in nil }

    /// - Parameter socket: the only socket to try; nil for the usual places.
    public init(
        instance: String, socket: String? = nil, variables: [String: String] = [:],
        processLimit: Int64 = 4096,
        logFileSize: ByteCount = .mebibytes(32), logFileCount: Int = 4, pullTime: Duration = .seconds(3600)
    ) {
        self.instance = instance
        sockets = socket.map { [$0] } ?? []
        self.variables = variables
        self.processLimit = processLimit
        self.logFileSize = logFileSize
        self.logFileCount = logFileCount
        self.pullTime = pullTime
    }
}
