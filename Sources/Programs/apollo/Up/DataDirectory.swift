import Core
import Glibc

/// The one directory that holds everything a platform keeps.
struct DataDirectory {
    let path: String

    /// Makes the directory where it is missing, for its owner alone.
    init(preparing path: String) throws {
        guard path.hasPrefix("/") else {
            throw ApolloError(.invalid, "the data directory '\(path)' is not an absolute path")
        }
        self.path = path
        for directory in [path, path + "/processes"] { try Self.make(directory) }
        guard access(path, W_OK) == 0 else { throw PrivateFile.failure("write to", path) }
    }

    /// Where it is, without a look at it.
    init(at path: String) { self.path = path }

    var database: String { path + "/apollo.db" }
    var processes: String { path + "/processes" }
    /// Images, and containers by runc.
    var oci: String { path + "/oci" }
    /// The volumes that are on this machine.
    var volumes: String { path + "/volumes" }
    /// The address of the platform that runs on it.
    var address: String { path + "/address" }
    /// The address at which that platform answers gRPC.
    var rpcAddress: String { path + "/rpc.address" }
    /// The address at which that platform answers S3.
    var objectsAddress: String { path + "/objects.address" }
    /// The bytes of objects, unless they are elsewhere.
    var objects: String { path + "/" + Self.objectsName }
    static let objectsName = "objects"
    /// The master key of secrets, unless it comes from elsewhere.
    var secretsKey: String { path + "/secrets.key" }
    /// The server's own certificate, and the authorities to trust for it.
    var tls: String { path + "/tls" }
    var token: String { path + "/admin.token" }

    private static func make(_ path: String) throws {
        var built = ""
        for part in path.split(separator: "/") {
            built += "/" + part
            // What is there already keeps its mode; what Apollo makes is for its owner.
            guard mkdir(built, 0o700) != 0, errno != EEXIST else { continue }
            throw PrivateFile.failure("make", built)
        }
        var status = stat()
        guard stat(path, &status) == 0 else { throw PrivateFile.failure("look at", path) }
        guard status.st_mode & S_IFMT == S_IFDIR else {
            throw ApolloError(
                .invalid, "\(path) is not a directory", hint: "choose another with --data")
        }
    }
}
