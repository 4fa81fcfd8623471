import Benchmarks
import Core
import Glibc

/// A Docker-compatible engine: the machine's where one answers, else one started for the case.
struct ContainerEngine: Sendable {
    static let image = "apollo-bench/busybox:1"

    let socket: String
    /// Whether it was started here.
    let isOurs: Bool

    var address: String { "unix://\(socket)" }

    static func find(in workshop: Workshop) async throws -> ContainerEngine {
        var sockets = ["/var/run/docker.sock"]
        if let host = getenv("DOCKER_HOST").map({ String(cString: $0) }), host.hasPrefix("unix://") {
            sockets.insert(String(host.dropFirst(7)), at: 0)
        }
        for socket in sockets where access(socket, R_OK | W_OK) == 0 {
            let engine = ContainerEngine(socket: socket, isOurs: false)
            // Where it does not answer, the next may.
            if (try? await engine.docker(["version"], workshop)) != nil { return engine }
        }
        guard let script = OwnPrograms.script("docker-engine") else {
            throw ApolloError(
                .unavailable, "no container engine answers", hint: "start one: systemctl start docker")
        }
        let directory = workshop.path("engine")
        workshop.onClose {
            // The workshop cannot be left behind its own cleanup: what does not stop is told by the script.
            _ = try? ChildProcess(script, ["stop", directory]).wait(within: .seconds(60))
        }
        let said = try await workshop.run(script, ["start", directory], within: .seconds(60)).output
        return ContainerEngine(socket: String(said.prefix { !$0.isNewline }), isOurs: true)
    }

    /// Imports the image, for as long as the workshop is open.
    func take(_ bundle: BusyboxBundle, in workshop: Workshop) async throws {
        try await docker(["import", "--change", #"CMD ["true"]"#, bundle.archive, Self.image], workshop)
        let address = self.address
        workshop.onClose {
            // It may be gone with its engine.
            _ = try? ChildProcess("docker", ["-H", address, "rmi", "--force", Self.image]).wait(
                within: .seconds(30))
        }
    }

    @discardableResult
    private func docker(_ arguments: [String], _ workshop: Workshop) async throws -> ProgramOutput {
        try await workshop.run("docker", ["-H", address] + arguments)
    }
}

/// Debian's busybox as an archive for an engine, and as a bundle for `runc`.
struct BusyboxBundle: Sendable {
    let directory: String
    let archive: String

    static func make(in workshop: Workshop) async throws -> BusyboxBundle {
        let made = BusyboxBundle(directory: workshop.path("bundle"), archive: workshop.path("busybox.tar"))
        let root = made.directory + "/rootfs"
        let places = ["/usr/bin/busybox", "/bin/busybox"] as [String]
        guard let busybox = places.first(where: { access($0, X_OK) == 0 }) else {
            throw ApolloError(.notFound, "busybox is not installed", hint: "apt-get install busybox-static")
        }
        _ = try await workshop.run(
            "mkdir", ["-p", "\(root)/bin", "\(root)/proc", "\(root)/dev", "\(root)/sys"])
        _ = try await workshop.run("cp", [busybox, "\(root)/bin/busybox"])
        for name in ["sh", "true"] {
            let link = "\(root)/bin/\(name)"
            guard symlink("busybox", link) == 0 else { throw Loopback.failure("make \(link)") }
        }
        _ = try await workshop.run("tar", ["-C", root, "-cf", made.archive, "."])
        if workshop.measures("runc") {
            _ = try await workshop.run("runc", ["spec", "--bundle", made.directory])
            let path = made.directory + "/config.json"
            let specification = try TextFile.read(path) ?? ""
            // As the container's: no terminal, and this command.
            try workshop.write(
                specification.replacing("\"terminal\": true", with: "\"terminal\": false").replacing(
                    "\"sh\"", with: "\"true\""), to: "bundle/config.json")
        }
        return made
    }
}
