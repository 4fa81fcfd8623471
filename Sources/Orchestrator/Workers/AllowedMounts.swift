import ClusterModel
import Core
import Glibc
import TaskRuntimes

/// Which files and directories of the machine tasks may see: none, unless said.
public struct AllowedMounts: Sendable {
    private let prefixes: [String]

    /// - Parameter paths: absolute; each stands for all that is below it.
    public init(_ paths: [String]) { prefixes = paths }

    /// The same mounts by their real paths, so that no link leads elsewhere.
    func resolve(_ mounts: [Mount]) throws(RuntimeError) -> [Mount] {
        var resolved: [Mount] = []
        for (index, mount) in mounts.enumerated() {
            guard let real = Self.real(mount.source) else {
                throw .rejected(
                    "mounts[\(index)].source: \(mount.source): \(String(cString: strerror(errno)).lowercased())",
                    hint: "create it on the task's machine first")
            }
            guard prefixes.contains(where: { Self.real($0).map { Self.contains($0, real) } ?? false }) else {
                throw .rejected(
                    "mounts[\(index)].source: \(mount.source) is not open to tasks on this machine",
                    hint: prefixes.isEmpty
                        ? "use a volume, or name what they may see in its setting mounts.allowed"
                        : "its setting mounts.allowed names \(prefixes.joined(separator: ", "))")
            }
            resolved.append(Mount(source: real, target: mount.target, readOnly: mount.readOnly))
        }
        return resolved
    }

    private static func contains(_ directory: String, _ path: String) -> Bool {
        directory == "/" || path == directory || path.hasPrefix(directory + "/")
    }

    private static func real(_ path: String) -> String? {
        guard path.hasPrefix("/"), let found = realpath(path, nil) else { return nil }
        defer { free(found) }
        return String(cString: found)
    }
}
