import Benchmarks
import Core

/// Workers in processes of their own, `apollo worker`, each with a directory of the workshop.
enum WorkerProgram {
    /// Starts one and joins it to the manager.
    @discardableResult
    static func join(
        _ manager: Platform, name: String, in workshop: Workshop
    ) async throws -> ChildProcess {
        let apollo = try OwnPrograms.apollo()
        let made = try await workshop.run(apollo, ["node", "token", "create", "--data", manager.data])
        let token = String(made.output.prefix { !$0.isNewline })
        let host = manager.address.dropFirst("http://".count)
        return try workshop.start(
            apollo,
            [
                "worker", "--data", workshop.path("machine-" + name), "--port", "0", "--name", name, "--join",
                "\(token)@\(host)", "--docker-socket", workshop.path("none"),
            ], log: "worker-" + name)
    }
}
