import Benchmarks
import ClusterModel
import Concurrency
import Core
import Glibc
import PlatformClients

/// From the submission of a container without an engine to its exit in the hands of whoever waits.
enum OCICase {
    static let benchmark = Case(
        "oci-submit-to-exit", unit: "ms", better: .lower,
        note:
            "p50 of \(ContainerCase.tasks) containers of Debian's busybox one after the other, by the oci runtime",
        peers: [
            Peer("runc", installation: "apt-get install runc") {
                try await ContainerCase.version("runc", of: $0)
            }
        ]
    ) { workshop in
        guard geteuid() == 0 else {
            throw ApolloError(.denied, "only root can make containers without an engine", hint: "sudo")
        }
        let bundle = try await BusyboxBundle.make(in: workshop)
        // The registry is a platform of its own: the other's settings name its address and its token.
        let registry = try await Platform.start(in: workshop, name: "registry")
        let host = String(registry.address.dropFirst("http://".count))
        _ = try await workshop.run(
            try OwnPrograms.apollo(),
            ["image", "build", "--data", registry.data, "\(bundle.directory)/rootfs", "bench:1"])
        let logins = try workshop.write(
            #"{"auths": {"\#(host)": {"username": "bench", "password": "\#(registry.token)"}}}"#,
            to: "logins.json")
        let platform = try await Platform.start(
            in: workshop, arguments: ["--docker-socket", workshop.path("none")],
            variables: ["APOLLO_OCI_ENABLED": "true", "APOLLO_OCI_CREDENTIALS": logins])
        let client = platform.client()
        let spec = TaskSpec(
            image: "\(host)/bench:1", requestedRuntime: .oci, command: ["true"])
        let request = TaskRequest(spec: spec)
        // The first one fetches the image.
        _ = try await client.runToEnd(request, in: workshop)
        let clock = workshop.environment.clock
        var contest = Contest {
            try await ProcessCase.median(of: ContainerCase.tasks, clock) {
                _ = try await client.runToEnd(request, in: workshop)
            }
        }
        let pool = BlockingPool(name: "spawn", threads: 1)
        workshop.onClose { pool.stop() }
        contest.peers["runc"] = { try await ContainerCase.runc(bundle, pool, workshop) }
        return contest
    }
}
