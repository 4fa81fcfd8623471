import Core
import Cryptography
import Glibc

/// An image for tests: Debian's static busybox with the links that make its commands, in the layout of `docker save`.
enum BusyboxImage {
    static let name = "apollo-test/busybox:1"
    static let program = "/usr/bin/busybox"
    static var isThere: Bool { access(program, R_OK) == 0 || access("/bin/busybox", R_OK) == 0 }

    private static let commands = [
        "sh", "cat", "dd", "echo", "false", "grep", "head", "id", "kill", "ls", "nc", "printf", "ps", "pwd",
        "rm", "seq",
        "sleep", "sort", "stat", "tail", "touch", "tr", "true", "wc", "yes",
    ]

    /// The archive for `POST /images/load`.
    static func archive() throws -> [UInt8] {
        let layer = try layer()
        let digest = "sha256:" + SHA256.hash(layer).hex
        #if arch(arm64)
            let architecture = "arm64"
        #else
            let architecture = "amd64"
        #endif
        let configuration = """
            {"architecture":"\(architecture)","os":"linux","config":{"Env":["PATH=/bin:/opt/bin","FROM_IMAGE=yes"],\
            "Cmd":["sh"],"WorkingDir":"/"},"rootfs":{"type":"layers","diff_ids":["\(digest)"]}}
            """
        let manifest = #"[{"Config":"config.json","RepoTags":["\#(name)"],"Layers":["layer.tar"]}]"#
        var tar = TarWriter()
        tar.add(file: "config.json", Array(configuration.utf8))
        tar.add(file: "layer.tar", layer)
        tar.add(file: "manifest.json", Array(manifest.utf8))
        return tar.finish()
    }

    private static func layer() throws -> [UInt8] {
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

/// Writes a tar archive (POSIX.1-2017, pax, "ustar Interchange Format").
struct TarWriter {
    private var bytes: [UInt8] = []

    mutating func add(file name: String, _ content: [UInt8], mode: Int = 0o644) {
        append(name, mode: mode, size: content.count, type: "0", target: "")
        bytes += content
        bytes += [UInt8](repeating: 0, count: (512 - content.count % 512) % 512)
    }

    mutating func add(directory name: String, mode: Int = 0o755) {
        append(name + "/", mode: mode, size: 0, type: "5", target: "")
    }

    mutating func add(link name: String, to target: String) {
        append(name, mode: 0o777, size: 0, type: "2", target: target)
    }

    mutating func finish() -> [UInt8] { bytes + [UInt8](repeating: 0, count: 1024) }

    private mutating func append(_ name: String, mode: Int, size: Int, type: Character, target: String) {
        var header = [UInt8](repeating: 0, count: 512)
        func put(_ text: String, at offset: Int) {
            header.replaceSubrange(offset..<offset + text.utf8.count, with: text.utf8)
        }
        func octal(_ value: Int, _ width: Int) -> String {
            let digits = String(value, radix: 8)
            return String(repeating: "0", count: width - digits.count) + digits
        }
        precondition(name.utf8.count <= 100 && target.utf8.count <= 100)
        put(name, at: 0)
        put(octal(mode, 7), at: 100)
        put(octal(0, 7), at: 108)
        put(octal(0, 7), at: 116)
        put(octal(size, 11), at: 124)
        put(octal(0, 11), at: 136)
        put("        ", at: 148)
        put(String(type), at: 156)
        put(target, at: 157)
        put("ustar", at: 257)
        put("00", at: 263)
        put(octal(header.reduce(0) { $0 + Int($1) }, 6) + "\0 ", at: 148)
        bytes += header
    }
}
