import ClusterModel
import Core
import Glibc
import TaskRuntimes

/// Where a worker keeps the volumes of its machine: a directory for each, below one for each project.
public struct VolumeDirectory: Sendable {
    public let path: String

    public init(path: String) { self.path = path }

    func path(of volume: VolumeID) -> String { "\(path)/\(volume.project)/\(volume.name)" }

    /// Makes a volume where it is not there yet, and says where it is.
    func make(_ volume: VolumeID) throws(RuntimeError) -> String {
        try check(volume)
        for directory in [path, "\(path)/\(volume.project)"] {
            guard mkdir(directory, 0o700) == 0 || errno == EEXIST else { throw failure("make", directory) }
        }
        let directory = path(of: volume)
        if mkdir(directory, 0o700) == 0 {
            // For whichever user a task is: what leads here is closed to everybody else.
            guard chmod(directory, 0o777) == 0 else { throw failure("open", directory) }
        } else if errno != EEXIST {
            throw failure("make", directory)
        }
        var status = stat()
        guard lstat(directory, &status) == 0 else { throw failure("look at", directory) }
        guard status.st_mode & S_IFMT == S_IFDIR else {
            throw .rejected("the volume '\(volume.name)' is no directory: \(directory)", hint: "remove it")
        }
        return directory
    }

    /// Removes a volume with all that is in it; nothing where it is not there. Blocks.
    func remove(_ volume: VolumeID) throws(RuntimeError) {
        try check(volume)
        do throws(DirectoryTree.Failure) { try DirectoryTree.remove(path(of: volume)) } catch {
            throw .failed("the volume '\(volume.name)' cannot be removed: \(error)")
        }
        // The last of its project; another may come at the same time, and then it stays.
        rmdir("\(path)/\(volume.project)")
    }

    /// What comes from elsewhere is no path.
    private func check(_ volume: VolumeID) throws(RuntimeError) {
        for part in [volume.project, volume.name] {
            guard !part.isEmpty, part != ".", part != "..", !part.contains("/"), !part.utf8.contains(0) else {
                throw .rejected("'\(part.prefix(80))' cannot be part of a volume's path", hint: nil)
            }
        }
    }

    private func failure(_ verb: String, _ path: String) -> RuntimeError {
        let reason = String(cString: strerror(errno))
        switch errno {
        case ENOSPC, EDQUOT:
            return .exhausted("no room for a volume in \(path): \(reason)", hint: "make room")
        default: return .rejected("cannot \(verb) \(path) for a volume: \(reason)", hint: nil)
        }
    }
}
