public import Core

/// Connections between processes, as the one who runs in one sees them: the system's sockets, or the simulator's.
///
/// All errors are ``ApolloError``s, except for `CancellationError`: `unavailable` when the other side refuses, cannot be
/// reached, resets or falls silent; `deadline` when the time given is over. Every implementation passes `NetworkSuite`.
public protocol Network: Sendable {
    /// Listens for connections. Throws `conflict` if something listens there already, `invalid` if the address is not this
    /// machine's.
    func listen(on address: NetworkAddress) async throws -> any NetworkListener

    /// Connects, or throws: `unavailable` at once when nothing listens there, `deadline` when nothing answers in time.
    func connect(to address: NetworkAddress, before deadline: MonotonicInstant) async throws -> any ByteStream
}

/// Takes connections, in the order they came. The system keeps a bounded number of them until they are accepted.
public protocol NetworkListener: Sendable {
    /// The address, with the port that was chosen.
    var address: NetworkAddress { get }

    /// Waits for the next connection; nil once the listener is closed. One task at a time.
    func accept() async throws -> (any ByteStream)?

    /// Refuses connections from now on, or soon after, those that were not yet accepted included. The accepted ones stay.
    func close()
}

/// A connection: bytes both ways, in order, each once, or an error.
///
/// One task may read while another writes. Whoever has a stream closes it: ``close()`` may be called at any time, more than
/// once, from any task.
public protocol ByteStream: Sendable {
    /// The other side, for messages. A name or a number.
    var peer: NetworkAddress { get }

    /// Waits for bytes and returns what there is, between 1 and `limit` of them; none at the end of what the other side sends.
    ///
    /// After a `deadline` or a cancellation nothing is lost: the next read goes on where this one would have.
    func read(upTo limit: Int, before deadline: MonotonicInstant) async throws -> [UInt8]

    /// Hands all bytes to the network, waiting while the other side does not read. They may still get lost with the
    /// connection: only an answer says that they came.
    ///
    /// After a `deadline` or a cancellation part of them may have been sent; the stream can then only be closed.
    func write(_ bytes: [UInt8], before deadline: MonotonicInstant) async throws

    /// Says that nothing more will be written: the other side reads the end. Reading goes on.
    func finish() async throws

    /// Ends both directions. What was written and is under way still arrives; waiting reads and writes of this side throw
    /// `unavailable`.
    func close()
}
