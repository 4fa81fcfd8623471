import BusContract
import Buses
import CertificateMaking
import Concurrency
import Core
import NATSBuses
import Synchronization
import TestServers
import Testing

/// The bus over a real server.
@Suite(
    .enabled(if: NATSServer.isAvailable, "no nats-server is installed"), .timeLimit(.minutes(3)))
struct NATSBusTests {
    private static let shared = Result { try NATSServer() }

    @Test(arguments: BusClause.all)
    func `the bus over NATS keeps the contract`(_ clause: BusClause) async throws {
        let server = try Self.shared.get()
        try await Connected.with(server.url) { try await clause.run($0.bus) }
    }

    @Test func `what one platform says another does not hear`() async throws {
        let server = try Self.shared.get()
        try await Connected.with(server.url) { one in
            try await Connected.with(server.url) { other in
                let heard = try await other.bus.subscribe(try #require(SubjectPattern(parsing: ">")))
                try one.bus.publish(Connected.subject, [1])
                try other.bus.publish(Connected.subject, [2])
                #expect(try await heard.nextBatch()?.messages.map(\.payload) == [[2]])
            }
        }
    }

    @Test func `two on different connections ask and answer one another`() async throws {
        let server = try Self.shared.get()
        let prefix = Connected.prefix()
        try await Connected.with(server.url, prefix: prefix) { one in
            try await Connected.with(server.url, prefix: prefix) { other in
                let questions = try await one.bus.subscribe(SubjectPattern(Connected.subject))
                async let answer = other.bus.request(Connected.subject, [1], within: .seconds(20))
                let asked = try #require(try await questions.nextBatch()?.messages.first)
                #expect(asked.subject == Connected.subject)
                try one.bus.reply(to: asked, [2])
                #expect(try await answer.payload == [2])
                await #expect(throws: BusError.noResponder(try #require(Subject(parsing: "nobody")))) {
                    try await other.bus.request(
                        try #require(Subject(parsing: "nobody")), [], within: .seconds(20))
                }
            }
        }
    }

    @Test func `after kill -9 of the server it comes back, with all who were subscribed`() async throws {
        let server = try NATSServer()
        try await Connected.with(server.url) { connected in
            let bus = connected.bus
            let heard = try await bus.subscribe(SubjectPattern(Connected.subject))
            async let silent = bus.request(Connected.subject, [0], within: .seconds(100))
            #expect(try await heard.nextBatch()?.messages.first?.payload == [0])
            try server.tell("kill")
            // Who waits for an answer is told at once, and so is whoever says something.
            do {
                _ = try await silent
                throw Unexpected(description: "somebody answered")
            } catch let error as BusError {
                guard case .away = error else { throw Unexpected(description: "\(error)") }
            }
            let refused = #expect(throws: BusError.self) { try bus.publish(Connected.subject, [1]) }
            guard case .away(let reason)? = refused else {
                throw Unexpected(description: "\(refused as Any)")
            }
            #expect(reason.contains(server.url))
            try server.tell("start")
            try await connected.await { if case .connected = $0 { true } else { false } }
            try bus.publish(Connected.subject, [2])
            #expect(try await heard.nextBatch()?.messages.map(\.payload) == [[2]])
            #expect(connected.notes.withLock { $0 }.count == 2)
        }
    }

    @Test func `a server that comes later is found, and until then everything says why it does not work`()
        async throws
    {
        let server = try NATSServer()
        try server.tell("stop")
        try await Connected.with(server.url, waits: false) { connected in
            try await connected.await { $0 != .away("\(server.url) was not reached yet") }
            for _ in 0..<2 {
                let error = await #expect(throws: BusError.self) {
                    try await connected.bus.subscribe(SubjectPattern(Connected.subject))
                }
                #expect(error?.asApolloError.kind == .unavailable)
                #expect(error?.asApolloError.message.contains("no NATS server answers there") == true)
            }
            try server.tell("start")
            try await connected.await { if case .connected = $0 { true } else { false } }
            _ = try await connected.bus.subscribe(SubjectPattern(Connected.subject))
        }
    }

    @Test func `while the server stands still what waits is bounded, and nobody is held up`() async throws {
        let server = try NATSServer()
        try await Connected.with(server.url) { connected in
            try server.tell("pause")
            let payload = [UInt8](repeating: 7, count: 1 << 20)
            let error = #expect(throws: BusError.self) {
                for _ in 0..<64 { try connected.bus.publish(Connected.subject, payload) }
            }
            #expect(error == .full)
            try server.tell("resume")
        }
    }

    @Test func `a token is asked for, and a wrong one refused with words`() async throws {
        let server = try NATSServer(["--token", "hunter2"])
        var location = try NATSLocation(parsing: server.url)
        location.token = "hunter2"
        try await Connected.with(location) { connected in
            _ = try await connected.bus.subscribe(SubjectPattern(Connected.subject))
        }
        location.token = "wrong"
        try await Connected.refused(location, "refuses who we say we are")
        location.token = nil
        try await Connected.refused(location, "refuses who we say we are")
    }

    @Test(.enabled(if: TestCertificates.isAvailable, "no openssl"))
    func `TLS believes the authority it is given, and nobody else`() async throws {
        let certificates = TestCertificates()
        _ = certificates.make("server")
        _ = certificates.make("other")
        let (file, key) = ("\(certificates.directory)/server.pem", "\(certificates.directory)/server.key")
        let server = try NATSServer(["--tls", file, key])
        var location = try NATSLocation(parsing: server.url)
        location.authoritiesFile = file
        try await Connected.with(location) { connected in
            _ = try await connected.bus.subscribe(SubjectPattern(Connected.subject))
        }
        location.authoritiesFile = "\(certificates.directory)/other.pem"
        try await Connected.refused(location, "TLS failed")
        location.authoritiesFile = nil
        try await Connected.refused(location, "TLS failed")
        location.authoritiesFile = "\(certificates.directory)/nothing.pem"
        try await Connected.refused(location, "nothing.pem")
        let plain = try NATSLocation(
            parsing: server.url.replacing("tls://localhost", with: "nats://127.0.0.1"))
        // It speaks TLS where the server wants it, and believes no more than without being asked to.
        try await Connected.refused(plain, "TLS failed")
    }

    @Test(.enabled(if: TestCertificates.isAvailable, "no openssl"))
    func `a certificate of another name is not believed`() async throws {
        let certificates = TestCertificates()
        _ = certificates.make("server", names: "DNS:nats.example")
        let (file, key) = ("\(certificates.directory)/server.pem", "\(certificates.directory)/server.key")
        let server = try NATSServer(["--tls", file, key])
        var location = try NATSLocation(parsing: server.url)
        location.authoritiesFile = file
        try await Connected.refused(location, "TLS failed")
    }

    @Test(.enabled(if: TestCertificates.isAvailable, "no openssl"))
    func `a server that asks for a certificate is shown ours`() async throws {
        let certificates = TestCertificates()
        _ = certificates.make("server")
        _ = certificates.make("us")
        let directory = certificates.directory
        let server = try NATSServer([
            "--tls", "\(directory)/server.pem", "\(directory)/server.key", "--verify", "\(directory)/us.pem",
        ])
        var location = try NATSLocation(parsing: server.url)
        location.authoritiesFile = "\(directory)/server.pem"
        (location.certificateFile, location.keyFile) = ("\(directory)/us.pem", "\(directory)/us.key")
        try await Connected.with(location) { connected in
            _ = try await connected.bus.subscribe(SubjectPattern(Connected.subject))
        }
        (location.certificateFile, location.keyFile) = (nil, nil)
        try await Connected.refused(location, "")
    }

    @Test func `asking once whether it is there tells how long it takes, or why it is not`() async throws {
        let server = try NATSServer()
        func bus(_ url: String = server.url) throws -> NATSBus {
            NATSBus(
                try NATSLocation(parsing: url), name: "test", prefix: Connected.prefix(),
                environment: .live, note: { _ in })
        }
        #expect(try await bus().check(within: .seconds(20)) > .zero)
        try server.tell("kill")
        let error = await #expect(throws: BusError.self) { try await bus().check(within: .seconds(20)) }
        #expect(error?.asApolloError.message.contains("no NATS server answers there") == true)
        // No server that is paused: the library waits for ever where one stops between its greeting and its next word.
        let silent = try #require(SilentListener())
        await #expect(throws: BusError.self) {
            try await bus("nats://127.0.0.1:\(silent.port)").check(within: .milliseconds(50))
        }
    }
}

/// Something is not as it should be.
struct Unexpected: Error, CustomStringConvertible {
    let description: String
}

/// A bus that runs.
struct Connected: Sendable {
    static let subject = Subject(parsing: "a.b")!
    let bus: NATSBus
    let notes: NoteBook

    final class NoteBook: Sendable {
        private let notes = Mutex<[String]>([])
        func add(_ note: String) { notes.withLock { $0.append(note) } }
        func withLock<Value: Sendable>(_ body: ([String]) -> Value) -> Value { notes.withLock { body($0) } }
    }

    static func prefix() -> Subject {
        Subject(parsing: "test\(String(Environment.live.random.next(), radix: 36))")!
    }

    static func with(
        _ url: String, prefix: Subject = prefix(), waits: Bool = true,
        _ body: @escaping @Sendable (Connected) async throws -> Void
    ) async throws {
        try await with(try NATSLocation(parsing: url), prefix: prefix, waits: waits, body)
    }

    static func with(
        _ location: NATSLocation, prefix: Subject = prefix(), waits: Bool = true,
        _ body: @escaping @Sendable (Connected) async throws -> Void
    ) async throws {
        let notes = NoteBook()
        let bus = NATSBus(location, name: "test", prefix: prefix, environment: .live) { notes.add($0) }
        let connected = Connected(bus: bus, notes: notes)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await bus.run() }
            defer { group.cancelAll() }
            if waits { try await connected.await { if case .connected = $0 { true } else { false } } }
            try await body(connected)
        }
    }

    /// Nothing comes of a connection to there, for this reason.
    static func refused(_ location: NATSLocation, _ reason: String) async throws {
        try await with(location, waits: false) { connected in
            try await connected.await { $0 != .away("\(location) was not reached yet") }
            let status = connected.bus.status
            guard case .away(let words) = status, reason.isEmpty || words.contains(reason) else {
                throw Unexpected(description: "\(status)")
            }
        }
    }

    /// Returns once the bus is like that; the deadline is that of the test.
    func `await`(_ isWanted: (NATSBus.Status) -> Bool) async throws {
        while !isWanted(bus.status) {
            // lint:allow sleeping it looks again
            try await Environment.live.clock.sleep(for: .milliseconds(5))
        }
    }
}
