import Glibc

/// What is in directories.
public enum DirectoryNames {
    public struct Failure: Error, Hashable, Sendable {
        /// As `errno` has it.
        public var code: Int32
    }

    /// The names in a directory, in no order, without `.` and `..`. Blocks the thread.
    public static func list(_ path: String) throws(Failure) -> [String] {
        guard let directory = opendir(path) else { throw Failure(code: errno) }
        defer { closedir(directory) }
        var names: [String] = []
        errno = 0
        while let entry = readdir(directory) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { names.append(name) }
            errno = 0
        }
        guard errno == 0 else { throw Failure(code: errno) }
        return names
    }

    /// The same for directories that need not be there: none where one cannot be read.
    public static func found(in path: String) -> [String] {
        (try? list(path)) ?? []  // As said.
    }
}
