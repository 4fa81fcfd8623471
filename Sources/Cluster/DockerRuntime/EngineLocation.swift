import Glibc
import TaskRuntimes

/// Where an engine's socket may be.
struct EngineLocation: Hashable, Sendable {
    /// The socket to use and no other: from the configuration, or from `DOCKER_HOST`.
    private let chosen: Result<String, RuntimeError>?
    /// The usual places, in the order they are tried.
    private let usual: [String]

    /// - Parameters:
    ///   - configured: the path from the configuration, or nil.
    ///   - variables: the process's environment.
    init(configured: String?, variables: [String: String]) {
        let runtimeDirectory = variables["XDG_RUNTIME_DIR"].map { [$0 + "/podman/podman.sock"] } ?? []
        usual = ["/var/run/docker.sock", "/run/podman/podman.sock"] + runtimeDirectory
        if let configured {
            chosen = .success(configured.hasPrefix("unix://") ? String(configured.dropFirst(7)) : configured)
        } else if let host = variables["DOCKER_HOST"], !host.isEmpty {
            let isSocket = host.hasPrefix("unix:///")
            chosen =
                isSocket
                ? .success(String(host.dropFirst(7)))
                : .failure(
                    .unavailable(
                        "DOCKER_HOST is '\(host)', which is not a unix socket",
                        hint: "set it to unix:///path/to/docker.sock, or unset it"))
        } else {
            chosen = nil
        }
    }

    /// The socket to connect to. `exists` is there for tests.
    func socket(
        exists: (String) -> Bool = { access($0, F_OK) == 0 }
    ) throws(RuntimeError) -> String {
        if let chosen { return try chosen.get() }
        if let found = usual.first(where: exists) { return found }
        throw .unavailable(
            "no container engine: there is no socket at \(usual.joined(separator: ", "))",
            hint: Self.installHint)
    }

    static let installHint =
        "install and start one (apt-get install docker.io), or name its socket with DOCKER_HOST=unix:///path"
}
