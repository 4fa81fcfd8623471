public import ClusterModel
public import Core
public import TaskDecisions
public import TaskRuntimes

/// What a manager needs of a node, near or far: directives in, reports out, and the reads that go to the node itself.
public protocol NodeConnection: Sendable {
    var node: NodeID { get }

    /// What the node is and can do, its runtimes probed now.
    func describe() async -> Node

    /// Looks at the runtimes now, rather than when it is time, and reports what changed before it returns.
    func refresh() async

    /// Every attempt on the node, running or ended and not removed, of each runtime that answers. One that does not is
    /// left out; when it answers again, its attempts come as a ``NodeReport/attempts(_:of:)``.
    func attempts() async -> [RuntimeKind: [FoundAttempt]]

    /// Takes a directive to carry out. Returns at once; what comes of it arrives as a ``NodeReport``.
    func perform(_ directive: Directive)

    /// What the machine is busy with now; nil where it does not tell.
    func metrics() async throws -> NodeMetrics?

    /// What an attempt wrote.
    func logs(_ place: AttemptPlace, _ query: LogQuery) async throws -> any LogReader

    /// What an attempt uses now; nil when it has ended.
    func usage(_ place: AttemptPlace) async throws -> AttemptUsage?

    /// Removes a volume with all that is in it; nothing where it is not there.
    func remove(_ volume: VolumeID) async throws

    /// Runs a program beside an attempt as long as `use` uses it. Throws ``RuntimeError`` or ``ApolloError`` where it cannot be,
    /// and what `use` throws.
    func exec(
        _ place: AttemptPlace, _ request: ExecRequest,
        _ use: @escaping @Sendable (any ExecSession) async throws -> Void
    ) async throws
}

extension NodeConnection {
    public func remove(_ volume: VolumeID) async throws {
        throw ApolloError(.unavailable, "this node keeps no volumes")
    }
}

/// News from a node.
public enum NodeReport: Sendable {
    case attempt(AttemptEvent, AttemptID, TaskID)
    /// What starting an attempt is busy with.
    case progress(LaunchProgress, AttemptID, TaskID)
    case runtimes([RuntimeStatus])
    /// The GPUs that the machine has now, where they are others than before.
    case gpus([GPU])
    /// All that a runtime has: as soon as it answers for the first time, and again from time to time.
    case attempts([FoundAttempt], of: RuntimeKind)
    /// Something went wrong that is nobody's attempt: for the log.
    case problem(String)
}
