import Benchmarks
import Core
import Glibc

/// A PostgreSQL server as Debian has it, with its own settings: it waits for the disk. On a socket in the workshop.
struct PostgreSQLProgram: Sendable {
    private static let user = "apollo"
    private let place: String
    private let launching: [String]

    /// The server's own program for load.
    static let pgbench = Peer("pgbench", installation: "apt-get install postgresql") { workshop in
        guard let directory else { return nil }
        // "pgbench (PostgreSQL) 15.14 (Debian …)"
        let said = try await workshop.run(directory + "/pgbench", ["--version"]).output
        return said.split(separator: " ").dropFirst(2).first.map(String.init)
    }

    /// Where the programs of the newest server are; nil where there is none.
    private static var directory: String? {
        (13...30).reversed().map { "/usr/lib/postgresql/\($0)/bin" }.first {
            access($0 + "/postgres", X_OK) == 0
        }
    }

    static func start(in workshop: Workshop) async throws -> PostgreSQLProgram {
        guard let directory else {
            throw ApolloError(
                .unavailable, "there is no PostgreSQL server here", hint: pgbench.installation)
        }
        let place = workshop.path("postgresql")
        mkdir(place, 0o711)
        var launching: [String] = []
        if geteuid() == 0 {
            // The server refuses to run as root.
            guard let nobody = getpwnam("nobody"), chmod(workshop.directory, 0o711) == 0,
                chown(place, nobody.pointee.pw_uid, nobody.pointee.pw_gid) == 0
            else { throw ApolloError(.unavailable, "PostgreSQL cannot be started as another user") }
            launching = [
                "setpriv", "--reuid=\(nobody.pointee.pw_uid)", "--regid=\(nobody.pointee.pw_gid)",
                "--clear-groups",
            ]
        }
        let server = PostgreSQLProgram(place: place, launching: launching)
        try await server.run(
            directory + "/initdb", ["-D", place + "/data", "-U", user, "-A", "trust", "-E", "UTF8"],
            in: workshop)
        let words =
            launching + [
                directory + "/postgres", "-D", place + "/data", "-c", "unix_socket_directories=\(place)",
                "-c",
                "listen_addresses=",
            ]
        let child = try workshop.start(words[0], Array(words.dropFirst()), log: "postgresql.log")
        try await workshop.waiting(for: "the start of PostgreSQL") { () -> Void? in
            guard child.isRunning else {
                throw ApolloError(
                    .unavailable,
                    "PostgreSQL does not start: \(try TextFile.read(workshop.path("postgresql.log.errors")) ?? "")"
                )
            }
            do {
                _ = try await workshop.run(directory + "/pg_isready", ["-q", "-h", place])
                return ()
            } catch { return nil }  // Not yet.
        }
        return server
    }

    private func run(_ program: String, _ arguments: [String], in workshop: Workshop) async throws {
        let words = launching + [program] + arguments
        _ = try await workshop.run(words[0], Array(words.dropFirst()))
    }

    /// Makes an empty database, and returns its address.
    func create(_ name: String, in workshop: Workshop) async throws -> String {
        _ = try await workshop.run(
            Self.directory! + "/createdb",
            ["-h", place, "-U", Self.user, "--template", "template0", "--encoding", "UTF8", name])
        return "postgres://\(Self.user)@/\(name)?host=\(place)"
    }

    /// How many rows pgbench inserts a second, so many to a transaction: a statement each, sent without waiting for the one before.
    func inserts(
        clients: Int, rows: Int, bytes: Int, in workshop: Workshop
    ) async throws -> Contest.Sampler {
        _ = try await create("pgbench", in: workshop)
        let connection = ["-h", place, "-U", Self.user]
        _ = try await workshop.run(
            Self.directory! + "/psql",
            connection + [
                "-q", "-d", "pgbench", "-c",
                "CREATE TABLE tasks (id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE, record TEXT NOT NULL)",
            ])
        let row = "INSERT INTO tasks VALUES (gen_random_uuid(), gen_random_uuid(), repeat('x', \(bytes)));\n"
        let script = try workshop.write(
            "\\startpipeline\nBEGIN;\n" + String(repeating: row, count: rows) + "COMMIT;\n\\endpipeline\n",
            to: "insert.sql")
        return {
            let said = try await workshop.run(
                Self.directory! + "/pgbench",
                connection + [
                    "-n", "-M", "prepared", "-c", "\(clients)", "-j", "2", "-T", "5", "-f", script, "pgbench",
                ]
            ).output
            // "tps = 1234.567890 (without initial connection time)"
            guard let line = said.split(separator: "\n").first(where: { $0.hasPrefix("tps = ") }),
                let rate = Double(line.dropFirst("tps = ".count).prefix { $0 != " " })
            else { throw ApolloError(.corrupt, "pgbench said \(said.prefix(500))") }
            return rate * Double(rows)
        }
    }
}
