import CPQ
public import Core
import Glibc

/// Where a PostgreSQL database is, and as whom to use it: `postgres://user@host:port/database?option=value`, as libpq reads it
/// (https://www.postgresql.org/docs/15/libpq-connect.html#LIBPQ-CONNSTRING).
public struct PostgreSQLLocation: Sendable, CustomStringConvertible {
    /// libpq's parameters.
    let parameters: [String: String]
    /// The file whose first line is the password; it is read anew for every connection.
    public let passwordFile: String?

    /// - Throws: ``ApolloError`` of kind `invalid`, without anything of `url` that could be secret.
    public init(url: String, passwordFile: String? = nil) throws(ApolloError) {
        guard url.hasPrefix("postgres://") || url.hasPrefix("postgresql://") else {
            throw ApolloError(
                .invalid, "this is no address of a PostgreSQL database",
                hint: "write postgres://USER@HOST/DATABASE")
        }
        var found = try Self.parse(url)
        guard found["password"] == nil, found["sslpassword"] == nil else {
            throw ApolloError(
                .invalid, "the database's address has a password in it, where others can read it",
                hint: "put it into a file of yours alone and name that: database.password.file")
        }
        guard let name = found["dbname"], !name.isEmpty else {
            throw ApolloError(
                .invalid, "the database's address names no database",
                hint: "write postgres://USER@HOST/DATABASE")
        }
        let isLocal = Self.isLocal(found)
        if found["sslmode"] == nil { found["sslmode"] = isLocal ? "prefer" : "verify-full" }
        if found["sslmode"]?.hasPrefix("verify") == true, found["sslrootcert"] == nil,
            let bundle = Self.systemAuthorities()
        {
            found["sslrootcert"] = bundle
        }
        // Of several hosts, the one that can be written.
        if found["target_session_attrs"] == nil { found["target_session_attrs"] = "read-write" }
        if found["application_name"] == nil { found["application_name"] = "apollo" }
        // A peer that is gone without a word is noticed within seconds.
        for (name, value) in [
            ("keepalives_idle", "5"), ("keepalives_interval", "2"), ("keepalives_count", "3"),
            ("tcp_user_timeout", "10000"),
        ] where found[name] == nil { found[name] = value }
        found["client_encoding"] = "UTF8"
        parameters = found
        self.passwordFile = passwordFile
    }

    /// Without a password, ever.
    public var description: String {
        let user = parameters["user"].map { "\($0)@" } ?? ""
        let hosts = (parameters["host"] ?? parameters["hostaddr"] ?? "").split(separator: ",")
        let ports = (parameters["port"] ?? "").split(separator: ",")
        let name = parameters["dbname"] ?? ""
        if hosts.isEmpty || hosts[0].hasPrefix("/") {
            return "postgres://\(user)/\(name)" + (hosts.first.map { " at \($0)" } ?? "")
        }
        let places = hosts.enumerated().map { index, host in
            let port = ports.count > index ? ports[index] : ports.first
            return port.map { "\(host):\($0)" } ?? String(host)
        }
        return "postgres://\(user)\(places.joined(separator: ","))/\(name)"
    }

    /// The parameters of a connection, with the password where there is a file for it.
    func resolved() throws(ApolloError) -> [String: String] {
        guard let passwordFile else { return parameters }
        return parameters.merging(["password": try Self.password(in: passwordFile)]) { _, new in new }
    }

    private static func parse(_ url: String) throws(ApolloError) -> [String: String] {
        var message: UnsafeMutablePointer<CChar>?
        guard let options = PQconninfoParse(url, &message) else {
            PQfreemem(message)
            // What libpq says repeats the address, and maybe a password in it.
            throw ApolloError(
                .invalid, "the database's address is malformed, or has an option that does not exist",
                hint:
                    "write postgres://USER@HOST:PORT/DATABASE?sslmode=verify-full; what is special in a part is"
                    + " written as %XX")
        }
        defer { PQconninfoFree(options) }
        var found: [String: String] = [:]
        var option = options
        while let keyword = option.pointee.keyword {
            if let value = option.pointee.val, value.pointee != 0 {
                found[String(cString: keyword)] = String(cString: value)
            }
            option += 1
        }
        return found
    }

    private static func isLocal(_ parameters: [String: String]) -> Bool {
        let hosts = (parameters["hostaddr"] ?? parameters["host"] ?? "").split(separator: ",")
        return hosts.allSatisfy { host in
            host.hasPrefix("/") || host.hasPrefix("@") || host == "localhost" || host == "::1"
                || (host.hasPrefix("127.") && host.allSatisfy { $0.isNumber || $0 == "." })
        }
    }

    /// The authorities of the system, unless the user has a file of their own where libpq looks for it. libpq 15 does not
    /// know them by itself.
    private static func systemAuthorities() -> String? {
        if let home = getenv("HOME"), access(String(cString: home) + "/.postgresql/root.crt", F_OK) == 0 {
            return nil
        }
        let bundle = "/etc/ssl/certs/ca-certificates.crt"
        return access(bundle, R_OK) == 0 ? bundle : nil
    }

    /// The first line of `path`, which must be its owner's alone.
    private static func password(in path: String) throws(ApolloError) -> String {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else {
            throw ApolloError(
                .unavailable,
                "cannot read the database's password from '\(path)': \(String(cString: strerror(errno)))",
                hint: "database.password.file names it")
        }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0, status.st_mode & 0o077 == 0 else {
            throw ApolloError(
                .unavailable, "others can read the database's password in '\(path)'",
                hint: "run: chmod go= '\(path)'")
        }
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = read(file, &buffer, buffer.count)
        let line = buffer[..<max(0, count)].prefix { $0 != 10 && $0 != 13 }
        guard !line.isEmpty else {
            throw ApolloError(.unavailable, "the file '\(path)' has no password in its first line")
        }
        return String(decoding: line, as: UTF8.self)
    }
}
