import ClusterModel
import Core
import DNSModel
import Discovery
import Synchronization
import Testing

/// Numbers that a seed decides (SplitMix64).
private final class Numbers: RandomSource {
    private let state: Mutex<UInt64>
    init(_ seed: UInt64) { state = Mutex(seed) }

    func next() -> UInt64 {
        state.withLock { state in
            state &+= 0x9E37_79B9_7F4A_7C15
            var z = state
            z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
            z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
            return z ^ (z >> 31)
        }
    }
}

private let near = NodeID(time: Timestamp(microseconds: 1), random: 1)
private let far = NodeID(time: Timestamp(microseconds: 1), random: 2)

private func endpoint(
    _ number: Int, job: String = "web", task: String = "server", project: String = "default",
    node: NodeID = far, address: String = "10.0.0.2", ports: [ServiceEndpoint.Port] = []
) -> ServiceEndpoint {
    ServiceEndpoint(
        id: TaskID(time: Timestamp(microseconds: 5), random: UInt64(number)),
        attempt: AttemptID(time: Timestamp(microseconds: 5), random: UInt64(number)),
        name: "\(job)-\(task)-\(number)", task: task, job: job, project: project, node: "n", nodeID: node,
        address: address, ports: ports)
}

private func port(_ name: String? = "http", _ number: UInt16 = 8080, address: String = "0.0.0.0")
    -> ServiceEndpoint.Port
{
    ServiceEndpoint.Port(name: name, container: 80, port: number, address: address, transport: .tcp)
}

struct ResolverTests {
    private let resolver = Resolver(timeToLive: 2)
    private let elsewhere = Viewer(node: near, address: "10.0.0.1", isLocal: false)

    private func ask(
        _ name: String, _ endpoints: [ServiceEndpoint]?, from viewer: Viewer? = nil, seed: UInt64 = 1
    ) throws -> DNSResponse { try ask(name, .a, endpoints, from: viewer, seed: seed) }

    private func ask(
        _ name: String, _ type: DNSType, _ endpoints: [ServiceEndpoint]?, from viewer: Viewer? = nil,
        seed: UInt64 = 1
    ) throws -> DNSResponse {
        var bytes: [UInt8] = [0, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0]
        for label in name.split(separator: ".") { bytes += [UInt8(label.utf8.count)] + Array(label.utf8) }
        bytes += [0, UInt8(type.rawValue >> 8), UInt8(type.rawValue & 0xFF), 0, 1]
        var table: ServiceTable?
        if let endpoints {
            table = ServiceTable()
            table?.apply(ServiceUpdate(isWhole: true, changed: endpoints))
        }
        let outcome = resolver.outcome(
            try DNSQuery.read(bytes), in: table, from: viewer ?? elsewhere, random: Numbers(seed))
        guard case .answer(let response) = outcome else { throw Forwarded() }
        return response
    }

    private struct Forwarded: Error {}

    private func addresses(_ response: DNSResponse) -> [String] {
        response.answers.compactMap { record in
            if case .address(let address) = record.data { address.description } else { nil }
        }
    }

    @Test func `a job has the addresses of its instances, each once`() throws {
        let all = [endpoint(1), endpoint(2), endpoint(3, address: "10.0.0.3"), endpoint(4, job: "db")]
        let response = try ask("web.apollo.internal", all)
        #expect(Set(addresses(response)) == ["10.0.0.2", "10.0.0.3"] && response.answers.count == 2)
        #expect(response.isAuthoritative && response.answers.allSatisfy { $0.timeToLive == 2 })
    }

    @Test func `one task of a job has its own name`() throws {
        let all = [endpoint(1), endpoint(2, task: "cache", address: "10.0.0.9")]
        #expect(addresses(try ask("cache.web.apollo.internal", all)) == ["10.0.0.9"])
        #expect(try ask("other.web.apollo.internal", all).code == .noSuchName)
    }

    @Test func `jobs of the same name in two projects do not meet`() throws {
        let all = [endpoint(1), endpoint(2, project: "team", address: "10.0.0.9")]
        #expect(addresses(try ask("web.apollo.internal", all)) == ["10.0.0.2"])
        #expect(addresses(try ask("web.default.project.apollo.internal", all)) == ["10.0.0.2"])
        #expect(addresses(try ask("web.team.project.apollo.internal", all)) == ["10.0.0.9"])
        #expect(addresses(try ask("server.web.team.project.apollo.internal", all)) == ["10.0.0.9"])
        #expect(try ask("web.team.apollo.internal", all).code == .noSuchName)
        #expect(try ask("web.other.project.apollo.internal", all).code == .noSuchName)
    }

    @Test func `a task called as the mark of projects is found all the same`() throws {
        let all = [endpoint(1, job: "project"), endpoint(2, job: "project", task: "x", address: "10.0.0.9")]
        #expect(Set(addresses(try ask("project.apollo.internal", all))) == ["10.0.0.2", "10.0.0.9"])
        #expect(addresses(try ask("x.project.apollo.internal", all)) == ["10.0.0.9"])
    }

    @Test func `ports are found by name and by number`() throws {
        let all = [endpoint(1, ports: [port()]), endpoint(2, address: "10.0.0.3", ports: [port(nil, 9000)])]
        let named = try ask("_http._tcp.web.apollo.internal", .srv, all)
        #expect(named.answers.count == 1 && named.additional.count == 1)
        let target = DNSName("0a000002.addr.dns.apollo.internal")!
        #expect(
            named.answers.first?.data == .service(priority: 0, weight: 1, port: 8080, target: target))
        #expect(try ask("_80._tcp.server.web.apollo.internal", .srv, all).answers.count == 2)
        #expect(try ask("_http._udp.web.apollo.internal", .srv, all).code == .noSuchName)
        #expect(try ask("_ftp._tcp.web.apollo.internal", .srv, all).code == .noSuchName)
        #expect(addresses(try ask("0a000002.addr.dns.apollo.internal", nil)) == ["10.0.0.2"])
    }

    @Test func `what is bound to loopback is told on its own machine alone`() throws {
        let all = [endpoint(1, node: near, address: "10.0.0.1", ports: [port(address: "127.0.0.1")])]
        let local = Viewer(node: near, address: "10.0.0.1", isLocal: true)
        #expect(addresses(try ask("web.apollo.internal", all, from: local)) == ["127.0.0.1"])
        #expect(try ask("web.apollo.internal", all).answers.isEmpty)
        let other = Viewer(node: far, address: "10.0.0.2", isLocal: true)
        #expect(try ask("web.apollo.internal", all, from: other).answers.isEmpty)
        // Several workers on one machine are all reached by loopback.
        let beside = [endpoint(1, node: near, address: "127.0.0.1")]
        let neighbour = Viewer(node: far, address: "127.0.0.1", isLocal: true)
        #expect(addresses(try ask("web.apollo.internal", beside, from: neighbour)) == ["127.0.0.1"])
    }

    @Test func `addresses of both kinds are told to who asks for them`() throws {
        let all = [endpoint(1), endpoint(2, address: "fd00::2")]
        #expect(addresses(try ask("web.apollo.internal", .a, all)) == ["10.0.0.2"])
        #expect(addresses(try ask("web.apollo.internal", .aaaa, all)) == ["fd00::2"])
        #expect(try ask("web.apollo.internal", .any, all).answers.count == 2)
        let none = try ask("web.apollo.internal", .aaaa, [endpoint(1)])
        #expect(none.code == .success && none.answers.isEmpty && none.authority.count == 1)
    }

    @Test func `what is not known is said with an authority, and for a second at most`() throws {
        let response = try ask("db.apollo.internal", [endpoint(1)])
        #expect(response.code == .noSuchName && response.isAuthoritative)
        guard case .authority(_, _, _, let minimum)? = response.authority.first?.data else {
            Issue.record("no authority")
            return
        }
        #expect(minimum == 1)
    }

    @Test func `names that only others are below are there, and empty`() throws {
        for name in [
            "apollo.internal", "project.apollo.internal", "team.project.apollo.internal",
            "dns.apollo.internal", "addr.dns.apollo.internal", "_tcp.web.apollo.internal",
        ] {
            let response = try ask(name, [endpoint(1, ports: [port()])])
            #expect(response.code == .success && response.answers.isEmpty, "\(name)")
        }
        #expect(try ask("apollo.internal", .soa, []).answers.count == 1)
        #expect(try ask("apollo.internal", .ns, []).answers.count == 1)
    }

    @Test func `a worker that was told nothing yet does not say that there is nothing`() throws {
        #expect(try ask("web.apollo.internal", nil).code == .serverFailure)
    }

    @Test func `names of others are forwarded, and those that end alike`() {
        for name in ["example.org", "internal", "notapollo.internal"] {
            #expect(throws: Forwarded.self, "\(name)") { try ask(name, []) }
        }
    }

    @Test func `every instance comes first sometimes`() throws {
        let all = (1...4).map { endpoint($0, address: "10.0.0.\($0)") }
        let firsts = try (0..<200).map { addresses(try ask("web.apollo.internal", all, seed: UInt64($0)))[0] }
        for number in 1...4 { #expect(firsts.count { $0 == "10.0.0.\(number)" } > 20) }
    }

    @Test func `of very many instances a bounded number is told, any of them`() throws {
        let all = (0..<3000).map { endpoint($0, address: "10.1.\($0 / 256).\($0 % 256)") }
        let response = try ask("web.apollo.internal", all)
        #expect(response.answers.count == Resolver.maximumInstances)
        #expect(Set(addresses(response)) != Set(addresses(try ask("web.apollo.internal", all, seed: 2))))
    }
}
