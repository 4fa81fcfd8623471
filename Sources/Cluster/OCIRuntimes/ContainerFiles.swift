import CApollo
import ClusterModel
import Core
import Documents
import Files
import Glibc
import TaskRuntimes

/// The directory of one container: its bundle, and what it writes.
///
///     config.json   what the low-level runtime is told (OCI runtime specification)
///     root/         its file system: the image's layers, and above them; elsewhere, where it has users of its own
///     users         the first of these
///     upper/        what it has written
///     image         the digest of its image's manifest
///     pid           the number of its first process
///     hosts, hostname, resolv.conf  how names are found in it
///     runc.log      what the low-level runtime says of failures, a line of JSON each
struct ContainerFiles: Sendable {
    let settings: OCISettings
    let attempt: AttemptID

    var bundle: String { "\(settings.containers)/\(attempt)" }
    var root: String { bundle + "/root" }
    var users: String { bundle + "/users" }
    /// What users of its own get to, and those of no other container: `root`, and `mount-N` for what is mounted there.
    var passage: String { "\(settings.roots)/\(attempt)" }
    var mappedRoot: String { passage + "/root" }
    var upper: String { bundle + "/upper" }
    var work: String { bundle + "/work" }
    var configuration: String { bundle + "/config.json" }
    var pidFile: String { bundle + "/pid" }
    var log: String { bundle + "/runc.log" }
    var image: String { bundle + "/image" }
    var resolvers: String { bundle + "/resolv.conf" }
    var hosts: String { bundle + "/hosts" }
    var hostName: String { bundle + "/hostname" }
    /// The low-level runtime's own record of it.
    var state: String { "\(settings.states)/\(attempt)" }

    var isThere: Bool { access(bundle, F_OK) == 0 }

    /// Makes the directories. What an earlier start left of the same attempt goes.
    func make() throws(RuntimeError) {
        try remove()
        for path in [settings.directory, settings.containers, settings.states, bundle, root, upper, work] {
            // The upper directory's is the root's own mode in the container; nobody else gets through those above.
            let mode: mode_t = path == upper ? 0o755 : 0o700
            guard mkdir(path, mode) == 0 || errno == EEXIST else { throw .system("cannot make \(path)") }
        }
        chmod(upper, 0o755)
    }

    func write(_ bytes: [UInt8], to path: String) throws(RuntimeError) { try Self.write(bytes, to: path) }

    static func write(_ bytes: [UInt8], to path: String) throws(RuntimeError) {
        let file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw .system("cannot write \(path)") }
        defer { close(file) }
        var written = 0
        while written < bytes.count {
            let count = bytes.withUnsafeBytes {
                Glibc.write(file, $0.baseAddress! + written, bytes.count - written)
            }
            guard count > 0 else { throw .system("cannot write \(path)") }
            written += count
        }
    }

    /// Those that have files in a directory of attempts.
    static func attempts(in directory: String) -> Set<AttemptID> {
        Set(DirectoryNames.found(in: directory).compactMap { AttemptID(parsing: $0) })
    }

    /// What a link says; nil where there is none.
    static func link(_ path: String) -> String? {
        var target = [UInt8](repeating: 0, count: 4096)
        let count = target.withUnsafeMutableBytes {
            readlink(path, $0.baseAddress!.assumingMemoryBound(to: CChar.self), $0.count)
        }
        return count > 0 ? String(decoding: target[..<count], as: UTF8.self) : nil
    }

    static func read(_ path: String, limit: Int = 4 << 20) -> [UInt8]? {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        // Nil says so.
        guard file >= 0 else { return nil }
        defer { close(file) }
        return read(file, limit: limit)
    }

    static func read(_ file: Int32, limit: Int) -> [UInt8]? {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while case let count = Glibc.read(file, &buffer, buffer.count), count != 0 {
            guard count > 0, bytes.count + count <= limit else { return nil }
            bytes += buffer[..<count]
        }
        return bytes
    }

    /// Mounts the layers, from the lowest to the highest, and what the container writes above them.
    func mount(_ layers: [String], at root: String) throws(RuntimeError) {
        var options = "upperdir=\(upper),workdir=\(work)"
        var files: [Int32] = []
        defer { for file in files { close(file) } }
        // By descriptors: however long the paths are and whatever is in them, all layers fit in the page that mount(2) takes.
        var lower: [String] = []
        for layer in layers.reversed() {
            let file = open(layer, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
            guard file >= 0 else { throw .system("a layer of the image is gone: \(layer)") }
            files.append(file)
            lower.append("/proc/self/fd/\(file)")
        }
        options = "lowerdir=\(lower.joined(separator: ":"))," + options
        guard options.utf8.count < 4096 else {
            throw .rejected("the image has \(layers.count) layers, too many to be mounted", hint: nil)
        }
        // What it writes goes with it: nothing of it need be on the disk after a crash of the machine.
        if capollo_mount_overlay(root, options + ",volatile") == 0 { return }
        guard errno == EINVAL, capollo_mount_overlay(root, options) == 0 else {
            throw .system("cannot mount the image's layers")
        }
    }

    /// Takes away all that is left of the container, which has ended or never began; nothing where there is nothing.
    func remove() throws(RuntimeError) {
        try removeState()
        if !isThere { return }
        while capollo_unmount(root) == 0 {}
        try removePassage()
        do throws(DirectoryTree.Failure) { try DirectoryTree.remove(bundle) } catch {
            throw .failed("cannot remove a container's files: \(error)")
        }
    }

    /// What `runc delete` does, without starting it for each container: the cgroups that it made and its record
    /// (`state.json`, whose `cgroup_paths` have been there since its first version).
    private func removeState() throws(RuntimeError) {
        guard let bytes = Self.read(state + "/state.json"),
            // A record that cannot be read names nothing to be taken away.
            let record = try? JSONReader(maximumSize: 4 << 20).read(bytes)
        else { return removeRecord() }
        endProcess(record)
        for member in record["cgroup_paths"]?.object?.members ?? [] {
            guard let path = member.value.string, path.hasSuffix("/\(attempt)") else { continue }
            // For a moment it may be busy with what just ended.
            var tries = 0
            while rmdir(path) != 0, errno == EBUSY {
                tries += 1
                // The record stays, by which the next list finds it.
                guard tries < 50 else { throw .failed("the cgroup \(path) of a container stays busy") }
                poll(nil, 0, 1)
            }
        }
        removeRecord()
    }

    private func removeRecord() {
        // What is left is found with the next list, and tried again.
        try? DirectoryTree.remove(state)
    }

    /// Ends a container that nobody knows any more.
    private func endProcess(_ record: JSONValue) {
        guard let pid = record["init_process_pid"]?.integer, pid > 1,
            let started = record["init_process_start"]?.integer,
            let text = Self.read("/proc/\(pid)/stat", limit: 4096)
        else { return }
        // The name is in parentheses and may hold anything: fields count from the last `)` (proc(5)).
        let fields = String(decoding: text, as: UTF8.self).split(separator: ")").last?.split(separator: " ")
        guard let fields, fields.count > 19, Int64(fields[19]) == started else { return }
        kill(Int32(pid), SIGKILL)
    }
}

extension RuntimeError {
    /// The failure of a system call, by `errno`.
    static func system(_ what: String, _ code: Int32 = errno) -> RuntimeError {
        let message = "\(what): \(String(cString: strerror(code)))"
        switch code {
        case ENOSPC, EDQUOT, EMFILE, ENFILE, ENOMEM:
            return .exhausted(message, hint: "make room on the disk of Apollo's data")
        default: return .failed(message)
        }
    }
}
