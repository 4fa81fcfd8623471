import Glibc

/// Names of files.
enum LocalPath {
    /// From the root on, as it is written: links in it stay.
    static func absolute(_ path: String) -> String {
        guard !path.hasPrefix("/"), let directory = getcwd(nil, 0) else { return path }
        defer { free(directory) }
        return "\(String(cString: directory))/\(path)"
    }
}
