import Core
import Glibc

/// The one layer of an image for tests: Debian's static busybox with the links that make its commands.
public enum BusyboxLayer {
    public static let program = "/usr/bin/busybox"
    public static var isThere: Bool { access(program, R_OK) == 0 || access("/bin/busybox", R_OK) == 0 }

    private static let commands = [
        "sh", "cat", "dd", "echo", "false", "grep", "head", "id", "kill", "ls", "nc", "printf", "ps", "pwd",
        "rm", "seq",
        "sleep", "sort", "stat", "tail", "touch", "tr", "true", "wc", "yes",
    ]

    /// The machine's architecture, as images call it.
    public static var architecture: String {
        #if arch(arm64)
            "arm64"
        #else
            "amd64"
        #endif
    }

    /// As a tar archive.
    public static func tar() throws -> [UInt8] {
        var tar = TarWriter()
        for directory in ["bin", "dev", "etc", "mnt", "opt", "proc", "sys"] { tar.add(directory: directory) }
        tar.add(directory: "tmp", mode: 0o1777)
        tar.add(
            file: "bin/busybox", try read(access(program, R_OK) == 0 ? program : "/bin/busybox"), mode: 0o755)
        for command in commands { tar.add(link: "bin/\(command)", to: "busybox") }
        tar.add(file: "etc/passwd", Array("root:x:0:0::/:/bin/sh\nworker:x:1234:1234::/:/bin/sh\n".utf8))
        tar.add(file: "etc/group", Array("root:x:0:\nworker:x:1234:\n".utf8))
        tar.add(file: "opt/script-without-interpreter", Array("#!/opt/nothing\n".utf8), mode: 0o755)
        tar.add(file: "opt/no-program", Array("text\n".utf8), mode: 0o644)
        return tar.finish()
    }

    private static func read(_ path: String) throws -> [UInt8] {
        guard let file = fopen(path, "r") else { throw ApolloError(.notFound, "cannot read \(path)") }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 20)
        while case let count = fread(&buffer, 1, buffer.count, file), count > 0 { bytes += buffer[..<count] }
        return bytes
    }
}
