import Core
import EventLoops
import Glibc

/// A server that is being measured, in a process of its own: ours, or nginx with as many workers as ours has loops.
final class HTTPContender: Sendable {
    let port: UInt16
    let directory: TemporaryDirectory
    private let program: ChildProgram

    /// Half of the cores serve, the other half makes the load.
    static let loops = max(1, EventLoopGroup.usableCores / 2)
    static let clients = max(1, EventLoopGroup.usableCores - loops)

    static let fileSize = 1 << 30

    init(_ contender: Contender, tls: Bool = false, file: Bool = false) throws {
        directory = try TemporaryDirectory()
        if tls { try Self.makeCertificate(directory) }
        if file { try directory.fill("file", size: Self.fileSize) }
        switch contender {
        case .ours:
            var command = [
                Self.ownPath(), ServeHTTP.verb, "--loops", "\(Self.loops)", "--file",
                "\(directory.path)/file",
            ]
            if tls { command += ["--certificate", directory.path] }
            program = try ChildProgram(command)
            guard let line = program.readLine(), let port = UInt16(line) else {
                program.stop()
                throw ApolloError(.unavailable, "our server did not start")
            }
            self.port = port
        case .peer:
            port = try Self.freePort()
            try directory.write("nginx.conf", Self.nginxConfiguration(directory.path, port, tls: tls))
            program = try ChildProgram([
                Nginx.path, "-p", directory.path, "-c", "\(directory.path)/nginx.conf", "-e", "stderr",
            ])
            guard Self.answers(port) else {
                program.stop()
                throw ApolloError(.unavailable, "nginx did not start on port \(port)")
            }
        }
    }

    var processorTime: Double { program.processorTime }

    func stop() { program.stop() }

    private static func ownPath() -> String {
        var path = [CChar](repeating: 0, count: 4096)
        let count = readlink("/proc/self/exe", &path, path.count - 1)
        return String(decoding: path[..<max(0, count)].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    private static func makeCertificate(_ directory: TemporaryDirectory) throws {
        _ = try ChildProgram.output(of: [
            "/usr/bin/openssl", "req", "-quiet", "-x509", "-newkey", "ec", "-pkeyopt",
            "ec_paramgen_curve:prime256v1",
            "-nodes", "-days", "2", "-subj", "/CN=localhost", "-keyout", "\(directory.path)/key.pem", "-out",
            "\(directory.path)/cert.pem",
        ])
    }

    private static func nginxConfiguration(_ directory: String, _ port: UInt16, tls: Bool) -> String {
        let certificate =
            tls ? "ssl_certificate cert.pem; ssl_certificate_key key.pem; ssl_protocols TLSv1.2 TLSv1.3;" : ""
        // As root, nginx would give its workers to a user who may not read the directory.
        return """
            \(getuid() == 0 ? "user root;" : "")
            daemon off; worker_processes \(loops); pid nginx.pid; error_log stderr crit;
            events { worker_connections 8192; }
            http {
                access_log off; sendfile on; tcp_nopush off; tcp_nodelay on; server_tokens off;
                keepalive_requests 1000000000; client_max_body_size 0; default_type text/plain;
                client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi;
                uwsgi_temp_path uwsgi; scgi_temp_path scgi;
                server {
                    listen 127.0.0.1:\(port) backlog=4096\(tls ? " ssl" : ""); \(certificate)
                    root \(directory);
                    location = / { return 200 "Hello, world!"; }
                    location = /sink { return 200 "ok"; }
                    location = /file { }
                }
            }

            """
    }

    /// A port that is free now; nginx cannot choose one itself.
    private static func freePort() throws -> UInt16 {
        let probe = try BlockingSocket(listening: ())
        return probe.port
    }

    private static func answers(_ port: UInt16) -> Bool {
        for _ in 0..<500 {
            if (try? BlockingSocket(port: port)) != nil { return true }
            usleep(10_000)
        }
        return false
    }
}

/// nginx, as Debian packages it.
enum Nginx {
    static let path = "/usr/sbin/nginx"

    static let peer = Peer(name: "nginx", installation: "apt-get install nginx-light") {
        guard access(path, X_OK) == 0 else { return nil }
        // It tells its version on standard error.
        let text = (try? ChildProgram.output(of: ["/bin/sh", "-c", "\(path) -v 2>&1"])) ?? ""
        return text.split(separator: "/").last.map { String($0.prefix { !$0.isWhitespace }) }
    }
}
