import Benchmarks
import Core
import Testing

@Suite struct `Choosing what to run` {
    private static let nginx = Peer("nginx", installation: "apt-get install nginx-light") { _ in nil }
    private static let docker = Peer("docker", installation: "apt-get install docker.io") { _ in nil }

    private func makeCase(_ name: String, _ peers: [Peer]) -> Case {
        Case(name, unit: "s", better: .lower, peers: peers) { _ in Contest { 1 } }
    }

    private var suite: Suite {
        Suite(
            "web", summary: "Measure something",
            cases: [
                makeCase("hello", [Self.nginx]), makeCase("both", [Self.nginx, Self.docker]),
                makeCase("alone", []),
            ])
    }

    @Test func `everything runs where nothing is asked for`() throws {
        #expect(try suite.selecting(case: nil, peer: nil).map(\.name) == ["hello", "both", "alone"])
    }

    @Test func `a case runs with all its peers`() throws {
        let cases = try suite.selecting(case: "both", peer: nil)
        #expect(cases.map(\.name) == ["both"])
        #expect(cases[0].peers.map(\.name) == ["nginx", "docker"])
    }

    @Test func `a peer keeps the cases that have it, and no other peer`() throws {
        let cases = try suite.selecting(case: nil, peer: "nginx")
        #expect(cases.map(\.name) == ["hello", "both"])
        #expect(cases.allSatisfy { $0.peers.map(\.name) == ["nginx"] })
    }

    @Test func `an unknown case is named, with the nearest there is`() {
        let error = #expect(throws: ApolloError.self) { try suite.selecting(case: "helo", peer: nil) }
        #expect(error?.kind == .invalid)
        #expect(error?.message == "suite 'web' has no case 'helo'")
        #expect(error?.hint == "did you mean 'hello'?")
    }

    @Test func `a peer that the case does not have is an error`() {
        let error = #expect(throws: ApolloError.self) { try suite.selecting(case: "hello", peer: "docker") }
        #expect(error?.kind == .invalid)
        #expect(error?.message.contains("'docker'") == true)
    }

    @Test func `an unknown suite is named`() {
        #expect(throws: ApolloError.self) { try [suite].named("wep") }
        #expect((try? [suite].named("web"))?.name == "web")
    }
}
