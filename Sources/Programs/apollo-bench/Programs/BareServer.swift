import Benchmarks
import Core
import Glibc

/// Our HTTP server in a process of its own: `apollo-bench serve-http`.
struct BareServer: Sendable {
    /// `127.0.0.1:PORT`.
    let address: String
    let pid: Int32

    static func start(
        in workshop: Workshop, certificate: Certificate? = nil, file: String? = nil
    ) async throws -> BareServer {
        var arguments = ["serve-http"]
        if let certificate {
            arguments += ["--tls-certificate", certificate.certificate, "--tls-key", certificate.key]
        }
        if let file { arguments += ["--file", file] }
        let child = try workshop.start(OwnPrograms.bench, arguments, log: "server")
        let address = try await workshop.waiting(for: "the start of our server") {
            guard child.isRunning else {
                let said = try TextFile.read(workshop.path("server.errors")) ?? ""
                throw ApolloError(.unavailable, "our server ended: \(said)")
            }
            let text = try TextFile.read(workshop.path("server")) ?? ""
            return text.hasSuffix("\n") ? String(text.dropLast()) : nil
        }
        return BareServer(address: address, pid: child.pid)
    }
}

/// The programs of this build.
enum OwnPrograms {
    static let bench: String = {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = readlink("/proc/self/exe", &buffer, buffer.count - 1)
        return count > 0
            ? String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self) : ""
    }()

    static var directory: String { String(bench[..<(bench.lastIndex(of: "/") ?? bench.startIndex)]) }

    /// `apollo`, which is built into the same folder.
    static func apollo() throws -> String {
        let path = directory + "/apollo"
        guard access(path, X_OK) == 0 else {
            throw ApolloError(.notFound, "there is no \(path)", hint: "'make release' builds it")
        }
        return path
    }

    /// A script of the repository that this program was built in, or nil elsewhere.
    static func script(_ name: String) -> String? {
        var folder = directory[...]
        while let slash = folder.lastIndex(of: "/") {
            folder = folder[..<slash]
            let path = "\(folder)/scripts/\(name)"
            if access(path, X_OK) == 0 { return path }
        }
        return nil
    }
}
