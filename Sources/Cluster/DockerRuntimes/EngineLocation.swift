import Glibc
import TaskRuntimes

/// Where an engine's socket may be.
struct EngineLocation: Hashable, Sendable {
    /// In the order they are tried.
    let candidates: [String]

    /// The sockets of the configuration, where it names any, or else that of `DOCKER_HOST`, or else the usual ones.
    init(
        configured: [String], variables: [String: String], user: UInt32 = geteuid()
    ) throws(RuntimeError) {
        guard configured.isEmpty else {
            candidates = configured
            return
        }
        if let host = variables["DOCKER_HOST"], !host.isEmpty {
            guard host.hasPrefix("unix:///") else {
                throw .unavailable(
                    "DOCKER_HOST is '\(host)', which is not a unix socket",
                    hint: "set it to unix:///path/to/docker.sock, or unset it")
            }
            candidates = [String(host.dropFirst("unix://".count))]
            return
        }
        // The directory of a user's own services (XDG base directory specification), where systemd puts it.
        var runtime = variables["XDG_RUNTIME_DIR"].flatMap { $0.hasPrefix("/") ? $0 : nil }
        if user != 0 { runtime = runtime ?? "/run/user/\(user)" }
        let own = runtime.map { ["\($0)/docker.sock", "\($0)/podman/podman.sock"] } ?? []
        candidates = ["/var/run/docker.sock", "/run/podman/podman.sock"] + own
    }

    /// Those that are there. `exists` is a parameter for tests.
    func sockets(
        exists: (String) -> Bool = { access($0, F_OK) == 0 }
    ) throws(RuntimeError) -> [String] {
        let found = candidates.filter(exists)
        guard found.isEmpty else { return found }
        throw .unavailable(
            "no container engine: there is no socket at \(candidates.joined(separator: ", "))",
            hint: Self.installHint)
    }

    static let installHint =
        "install and start one (apt-get install docker.io), or name its socket with DOCKER_HOST=unix:///path"
}
