import Benchmarks
import ClusterModel
import PlatformClients

/// A task read through the whole platform: routing, token, authorisation, metrics and audit on.
enum TaskReadCase {
    static let benchmark = Case(
        "api-get-task-64", unit: "1/s", better: .higher,
        note: "GET of one task from 'apollo up'; hello is our bare server's answer in the same run",
        peers: [Peer("hello", installation: "it is a part of apollo-bench") { _ in Platform.version }]
    ) { workshop in
        let platform = try await Platform.start(in: workshop)
        let task = try await platform.client().runToEnd(.process("/bin/true"), in: workshop)
        var contest = Contest(
            ours: try await Wrk.rate(
                "\(platform.address)/api/v1/tasks/\(task.id)",
                fields: ["Authorization: Bearer \(platform.token)"],
                in: workshop))
        if workshop.measures("hello") {
            let server = try await BareServer.start(in: workshop)
            contest.peers["hello"] = try await Wrk.rate("http://\(server.address)/", in: workshop)
        }
        return contest
    }
}
