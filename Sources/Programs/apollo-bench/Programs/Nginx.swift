import Benchmarks
import Core
import EventLoops
import Glibc

/// nginx as a peer: as many workers as we have loops, nothing logged, everything in the workshop.
struct Nginx: Sendable {
    let address: String
    let pid: Int32

    static let peer = Peer("nginx", installation: "apt-get install nginx-light") { workshop in
        guard let program = path else { return nil }
        // "nginx version: nginx/1.22.1"
        let said = try await workshop.run(program, ["-v"]).errors
        return said.split(separator: "/").last.map { String($0.prefix { !$0.isWhitespace }) }
    }

    /// Debian's is in sbin, which not everyone has in the search path.
    private static var path: String? {
        ["/usr/sbin/nginx", "/usr/bin/nginx", "/usr/local/sbin/nginx"].first { access($0, X_OK) == 0 }
    }

    static func start(
        in workshop: Workshop, certificate: Certificate? = nil, file: String? = nil
    ) async throws -> Nginx {
        // nginx cannot take a free port by itself, and another may take it first.
        for _ in 0..<3 {
            if let nginx = try await start(in: workshop, certificate, file, port: try FreePort.find()) {
                return nginx
            }
        }
        let said = try TextFile.read(workshop.path("nginx.errors")) ?? ""
        throw ApolloError(.unavailable, "nginx does not start: \(said)")
    }

    private static func start(
        in workshop: Workshop, _ certificate: Certificate?, _ file: String?, port: UInt16
    ) async throws -> Nginx? {
        let configuration = try workshop.write(
            text(workshop, certificate, file, port: port), to: "nginx.conf")
        let child = try workshop.start(
            path ?? "nginx", ["-e", "stderr", "-p", workshop.directory, "-c", configuration], log: "nginx")
        return try await workshop.waiting(for: "the start of nginx") { () -> Nginx?? in
            guard child.isRunning else { return .some(nil) }
            guard FreePort.answers(port) else { return nil }
            return Nginx(address: "127.0.0.1:\(port)", pid: child.pid)
        }
    }

    private static func text(
        _ workshop: Workshop, _ certificate: Certificate?, _ file: String?, port: UInt16
    ) -> String {
        let folders = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map {
            "\($0)_temp_path \(workshop.path("nginx-" + $0));"
        }
        var server = "listen 127.0.0.1:\(port)\(certificate == nil ? "" : " ssl");"
        if let certificate {
            server += " ssl_certificate \(certificate.certificate); ssl_certificate_key \(certificate.key);"
            server += " ssl_protocols TLSv1.2 TLSv1.3;"
        }
        if let file { server += " location = /file { alias \(file); }" }
        return """
            daemon off;
            worker_processes \(EventLoopGroup.usableCores);
            \(getuid() == 0 ? "user root;" : "")
            pid \(workshop.path("nginx.pid"));
            error_log stderr error;
            events { worker_connections 8192; }
            http {
              access_log off;
              sendfile on;
              keepalive_requests 1000000000;
              \(folders.joined(separator: "\n  "))
              server {
                \(server)
                location = / { default_type text/plain; return 200 "hello\\n"; }
              }
            }
            """
    }
}
