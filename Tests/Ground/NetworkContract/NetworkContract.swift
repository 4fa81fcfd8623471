public import Core
public import Networking

/// What every ``Network`` does, as a suite that each implementation runs: sockets and the simulator's.
///
/// The cases throw a ``Violation`` when something is not as promised, so that they need no test library:
/// `@Test(arguments: NetworkSuite.cases) func … { try await $0.check(fixture) }`.
public enum NetworkSuite {
    /// Two places that can reach each other.
    public struct Fixture: Sendable {
        public var server: any Network
        public var client: any Network
        /// A host name or number that `server` can listen on and `client` reaches.
        public var host: String
        public var clock: any MonotonicClock

        public init(server: any Network, client: any Network, host: String, clock: any MonotonicClock) {
            self.server = server
            self.client = client
            self.host = host
            self.clock = clock
        }

        /// A moment that only comes when something hangs.
        var soon: MonotonicInstant { clock.now.advanced(by: .seconds(40)) }

        func listen() async throws -> any NetworkListener {
            try await server.listen(on: NetworkAddress(host: host, port: 0))
        }

        func connect(to listener: any NetworkListener) async throws -> any ByteStream {
            try await client.connect(to: listener.address, before: soon)
        }

        /// A connection, from both sides.
        func pair() async throws -> (client: any ByteStream, server: any ByteStream) {
            let listener = try await listen()
            defer { listener.close() }
            let client = try await connect(to: listener)
            guard let server = try await listener.accept() else {
                throw Violation("a listener ended before it was closed")
            }
            return (client, server)
        }
    }

    public struct Violation: Error, CustomStringConvertible {
        public var description: String
        init(_ description: String) { self.description = description }
    }

    public struct Case: Sendable, CustomStringConvertible {
        /// What is promised, as a sentence.
        public var description: String
        public var check: @Sendable (Fixture) async throws -> Void

        init(_ description: String, _ check: @escaping @Sendable (Fixture) async throws -> Void) {
            self.description = description
            self.check = check
        }
    }

    public static let cases: [Case] = connecting + streaming + ending

    // MARK: Expectations

    static func expect(_ isTrue: Bool, _ message: @autoclosure () -> String) throws {
        guard isTrue else { throw Violation(message()) }
    }

    /// Expects an ``ApolloError`` of the kind given.
    static func expect(
        _ kind: ErrorKind, of activity: String, _ operation: () async throws -> Void
    ) async throws {
        do {
            try await operation()
        } catch let error as ApolloError where error.kind == kind {
            return
        } catch {
            throw Violation("\(activity) threw \(error) and not '\(kind)'")
        }
        throw Violation("\(activity) succeeded and should have thrown '\(kind)'")
    }

    /// Reads until there are `count` bytes, or the end.
    static func read(_ count: Int, from stream: any ByteStream, _ fixture: Fixture) async throws -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count < count {
            let more = try await stream.read(upTo: count - bytes.count, before: fixture.soon)
            if more.isEmpty { break }
            bytes += more
        }
        return bytes
    }

    /// Writes until nothing more finds room, however much the kernel's buffers hold, and then waits up to `deadline`.
    static func fill(_ stream: any ByteStream, before deadline: MonotonicInstant) async throws {
        let piece = [UInt8](repeating: 1, count: 4 << 20)
        for _ in 0..<256 { try await stream.write(piece, before: deadline) }
        throw Violation("a gibibyte went to where nobody reads")
    }

    /// Bytes of which each place can be told from every other.
    static func pattern(_ count: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8 &* 7 &+ $0 >> 16) }
    }
}
