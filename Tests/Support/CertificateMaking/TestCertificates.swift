import Glibc
public import TLS

/// Certificates that are made for a test by the `openssl` command, in a directory that goes with it.
public final class TestCertificates: Sendable {
    public let directory: String

    public static var isAvailable: Bool { access("/usr/bin/openssl", X_OK) == 0 }

    public init() {
        var template = Array("/tmp/apollo-tls-XXXXXX".utf8CString)
        precondition(mkdtemp(&template) != nil)
        directory = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit { _ = Self.run(["/bin/rm", "-rf", directory]) }

    /// A self-signed certificate, for `localhost` and 127.0.0.1 unless said.
    public func make(
        _ name: String, key: [String] = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"],
        names: String = "DNS:localhost,IP:127.0.0.1"
    )
        -> TLSContext.Identity
    {
        let status = Self.run(
            ["/usr/bin/openssl", "req", "-x509", "-nodes", "-days", "2", "-subj", "/CN=\(name)"] + key + [
                "-addext", "subjectAltName=\(names)", "-keyout", "\(directory)/\(name).key",
                "-out", "\(directory)/\(name).pem",
            ])
        precondition(status == 0, "openssl could not make a certificate")
        return identity(name)
    }

    public func identity(_ name: String) -> TLSContext.Identity {
        TLSContext.Identity(
            certificates: .file("\(directory)/\(name).pem"), key: .file("\(directory)/\(name).key"))
    }

    private static func run(_ command: [String]) -> Int32 {
        var arguments: [UnsafeMutablePointer<CChar>?] = command.map { strdup($0) } + [nil]
        defer { for argument in arguments { free(argument) } }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
        var child = pid_t()
        guard posix_spawn(&child, command[0], &actions, nil, &arguments, environ) == 0 else { return -1 }
        var status: Int32 = 0
        while waitpid(child, &status, 0) < 0 && errno == EINTR {}
        return status
    }
}
