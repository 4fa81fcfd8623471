import CApollo
import ClusterModel
public import Core
import Glibc
import TaskRuntimes

/// Where a worker keeps the files of secrets while attempts run: a directory of its own, best in memory (tmpfs).
public struct SecretDirectory: Sendable {
    public let path: String

    public init(path: String) { self.path = path }

    /// Whether it is in memory, so that no secret reaches a disk. Makes it where it is missing.
    public func prepare() throws(ApolloError) -> Bool {
        if mkdir(path, 0o711) != 0, errno != EEXIST { throw failure("make", path).asApolloError }
        // In a place that is everybody's somebody else may have made it first.
        var status = stat()
        guard lstat(path, &status) == 0 else { throw failure("look at", path).asApolloError }
        guard status.st_mode & S_IFMT == S_IFDIR, status.st_uid == geteuid() else {
            throw ApolloError(
                .denied, "\(path) is no directory of this user, so secrets cannot be put there",
                hint: "remove it")
        }
        // A task of another user must get through to its own directory, and see no others.
        guard chmod(path, 0o711) == 0 else { throw failure("change", path).asApolloError }
        return capollo_is_in_memory(path) == 1
    }

    func path(of attempt: AttemptID, on runtime: RuntimeKind) -> String {
        "\(path)/\(Self.prefix(runtime))\(attempt)"
    }

    private static func prefix(_ runtime: RuntimeKind) -> String { "\(runtime.rawValue)-" }

    /// The attempts of `runtime` that have something here. What else lies here is not told, as nobody's here.
    func attempts(on runtime: RuntimeKind) -> Set<AttemptID> {
        let parent = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard parent >= 0 else { return [] }
        let prefix = Self.prefix(runtime)
        var found: Set<AttemptID> = []
        for name in Self.names(in: parent) where name.hasPrefix(prefix) {
            if let attempt = AttemptID(parsing: String(name.dropFirst(prefix.count))) {
                found.insert(attempt)
            }
        }
        return found
    }

    /// Writes the files of an attempt. Readable by their owner, or by all users of a container, who see nothing else.
    func write(
        _ files: [(path: String, secret: SecretBytes)], of attempt: AttemptID, on runtime: RuntimeKind
    ) throws(RuntimeError) {
        let directory = path(of: attempt, on: runtime)
        remove(attempt)
        guard mkdir(directory, 0o700) == 0 else { throw failure("make", directory) }
        for file in files {
            var parent = directory
            for part in file.path.split(separator: "/").dropLast() {
                parent += "/\(part)"
                guard mkdir(parent, 0o700) == 0 || errno == EEXIST else { throw failure("make", parent) }
            }
            try write(file.secret, to: "\(directory)/\(file.path)", mode: runtime.runsImages ? 0o444 : 0o400)
        }
    }

    private func write(_ secret: SecretBytes, to path: String, mode: mode_t) throws(RuntimeError) {
        let file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw failure("make", path) }
        defer { close(file) }
        var written = 0
        while written < secret.count {
            let count = secret.bytes[written...].withUnsafeBytes {
                Glibc.write(file, $0.baseAddress, $0.count)
            }
            guard count > 0 else { throw failure("write", path) }
            written += count
        }
        // Whatever the umask says.
        guard fchmod(file, mode) == 0 else { throw failure("change", path) }
    }

    /// Removes what an attempt was given; nothing where there is nothing.
    func remove(_ attempt: AttemptID) {
        let parent = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard parent >= 0 else { return }
        defer { close(parent) }
        for runtime in RuntimeKind.allCases {
            Self.remove(Self.prefix(runtime) + attempt.text, in: parent, depth: 0)
        }
    }

    /// The directory may have become the task's own: no link in it is followed, and no more than its depth is believed.
    private static func remove(_ name: String, in parent: Int32, depth: Int) {
        // Most attempts have none: one call then, and not three.
        if unlinkat(parent, name, 0) == 0 || errno == ENOENT || depth > 20 { return }
        let descriptor = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        let inside = openat(descriptor, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        for name in names(in: descriptor) where inside >= 0 { remove(name, in: inside, depth: depth + 1) }
        if inside >= 0 { close(inside) }
        unlinkat(parent, name, AT_REMOVEDIR)
    }

    /// What is in a directory, which is closed.
    private static func names(in descriptor: Int32) -> [String] {
        guard let stream = fdopendir(descriptor) else {
            close(descriptor)
            return []
        }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }

    private func failure(_ verb: String, _ path: String) -> RuntimeError {
        let reason = String(cString: strerror(errno))
        switch errno {
        case ENOSPC, EDQUOT:
            return .exhausted(
                "no room for secrets in \(self.path): \(reason)", hint: "stop tasks, or make room")
        default:
            return .unavailable("cannot \(verb) \(path) for secrets: \(reason)", hint: "make it writable")
        }
    }
}
