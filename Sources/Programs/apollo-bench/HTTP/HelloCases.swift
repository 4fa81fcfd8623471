import Benchmarks
import Core

/// The shortest answer there is, as fast as it goes.
enum HelloCases {
    static func hello(connections: Int) -> Case {
        Case("hello-\(connections)", unit: "1/s", better: .higher, peers: [Nginx.peer]) { workshop in
            let server = try await BareServer.start(in: workshop)
            var contest = Contest(
                ours: try await Wrk.rate("http://\(server.address)/", connections: connections, in: workshop))
            if workshop.measures("nginx") {
                let nginx = try await Nginx.start(in: workshop)
                contest.peers["nginx"] = try await Wrk.rate(
                    "http://\(nginx.address)/", connections: connections, in: workshop)
            }
            return contest
        }
    }

    static let tls = Case("tls-hello-64", unit: "1/s", better: .higher, peers: [Nginx.peer]) { workshop in
        let certificate = try await Certificate.make(in: workshop)
        let server = try await BareServer.start(in: workshop, certificate: certificate)
        var contest = Contest(ours: try await Wrk.rate("https://\(server.address)/", in: workshop))
        if workshop.measures("nginx") {
            let nginx = try await Nginx.start(in: workshop, certificate: certificate)
            contest.peers["nginx"] = try await Wrk.rate("https://\(nginx.address)/", in: workshop)
        }
        return contest
    }

    static let processor = Case(
        "cpu-per-request-64", unit: "µs", better: .lower,
        note: "user and system time of the server's processes",
        peers: [Nginx.peer]
    ) { workshop in
        let server = try await BareServer.start(in: workshop)
        var contest = Contest(
            ours: try await processorTime(of: server.pid, "http://\(server.address)/", workshop))
        if workshop.measures("nginx") {
            let nginx = try await Nginx.start(in: workshop)
            contest.peers["nginx"] = try await processorTime(
                of: nginx.pid, "http://\(nginx.address)/", workshop)
        }
        return contest
    }

    private static func processorTime(
        of pid: Int32, _ url: String, _ workshop: Workshop
    ) async throws -> Contest.Sampler {
        _ = try await Wrk.load(url, seconds: 1, in: workshop)
        let processes = try ProcessFacts.tree(of: pid)
        return {
            let before = try spent(processes)
            let requests = try await Wrk.load(url, seconds: 3, in: workshop).requests
            return Double((try spent(processes) - before).inMicroseconds) / Double(requests)
        }
    }

    private static func spent(_ processes: [ProcessFacts]) throws -> Duration {
        try processes.reduce(.zero) { $0 + (try $1.processorTime()) }
    }
}
