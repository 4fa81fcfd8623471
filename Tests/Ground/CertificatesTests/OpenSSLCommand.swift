import Glibc

/// The `openssl` command, as the peer that knows nothing of Apollo, in a directory that goes with it.
final class OpenSSLCommand {
    static var isAvailable: Bool { access("/usr/bin/openssl", X_OK) == 0 }

    let directory: String

    init() {
        var template = Array("/tmp/apollo-x509-XXXXXX".utf8CString)
        precondition(mkdtemp(&template) != nil)
        directory = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit { _ = Self.spawn(["/bin/rm", "-rf", directory], "/dev/null") }

    /// Writes a file into the directory, and returns its path.
    func write(_ name: String, _ bytes: [UInt8]) -> String {
        let file = fopen("\(directory)/\(name)", "w")!
        fwrite(bytes, 1, bytes.count, file)
        fclose(file)
        return "\(directory)/\(name)"
    }

    func write(_ name: String, _ text: String) -> String { write(name, Array(text.utf8)) }

    func read(_ name: String) -> [UInt8] {
        guard let file = fopen("\(directory)/\(name)", "r") else { return [] }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 1 << 16)
        let count = fread(&bytes, 1, bytes.count, file)
        return Array(bytes.prefix(count))
    }

    /// Runs it, and returns its exit code and what it wrote.
    func run(_ words: String...) -> (code: Int32, output: String) {
        let code = Self.spawn(["/usr/bin/openssl"] + words, "\(directory)/output")
        return (code, String(decoding: read("output"), as: UTF8.self))
    }

    private static func spawn(_ command: [String], _ output: String) -> Int32 {
        var arguments: [UnsafeMutablePointer<CChar>?] = command.map { strdup($0) } + [nil]
        defer { for argument in arguments { free(argument) } }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        posix_spawn_file_actions_adddup2(&actions, 1, 2)
        var child = pid_t()
        guard posix_spawn(&child, command[0], &actions, nil, &arguments, environ) == 0 else { return -1 }
        var status: Int32 = 0
        while waitpid(child, &status, 0) < 0 && errno == EINTR {}
        return (status >> 8) & 0xFF
    }
}
