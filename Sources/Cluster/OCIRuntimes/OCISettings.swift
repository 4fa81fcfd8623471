import Core
public import OCIBundles
public import ProcessRuntimes

/// How an ``OCIRuntime`` finds what it stands on, and sets its containers up.
public struct OCISettings: Sendable {
    /// Where containers and images are kept; absolute, made where it is not there.
    public var directory: String
    /// Of the launcher whose children the containers are.
    public var processes: ProcessRuntime.Settings
    /// The low-level runtime: the first of these that is there. Absolute.
    public var programs: [String]
    /// The init that goes in front of commands: the first of these that is there, none where there is none. It has to need no
    /// libraries, since a container has others.
    public var inits: [String]
    public var network = ContainerBundle.Network.host
    /// Whose users those of containers are.
    public enum Users: Hashable, Sendable {
        /// Their own where the machine can, else the machine's.
        case auto
        /// Their own, or none starts.
        case always
        /// The machine's.
        case host
    }
    public var users = Users.auto
    public var subordinates = SubordinateUsers.usual
    /// Where containers with users of their own have what these must get to: what is above it lets everyone through. Absolute.
    public var roots = "/run/apollo-oci"
    /// Where the platforms of the machine tell each other which users their containers have.
    var register: String { roots + "-users" }
    /// The most processes and threads of an attempt that sets no limit of its own, so that none can take the machine.
    public var processLimit: Int64 = 4096
    /// Where devices are described for containers (CDI).
    public var deviceSpecifications = ["/etc/cdi", "/var/run/cdi"]
    /// The resolvers that containers have; empty for the machine's own.
    public var resolvers: [String] = []
    /// What the names of a project's tasks end in; looked for by ``resolvers``.
    public var searchDomain: @Sendable (_ project: String) -> String? = { _ in nil }

    /// - Parameter launcher: as ``ProcessRuntime/Settings/launcher``.
    public init(directory: String, launcher: [String]) {
        self.directory = directory
        processes = ProcessRuntime.Settings(directory: directory + "/launcher", launcher: launcher)
        let places = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"]
        programs = places.map { $0 + "/runc" }
        inits = ["tini-static", "docker-init", "catatonit"].flatMap { name in places.map { "\($0)/\(name)" } }
    }

    /// Where images are.
    public var images: String { directory + "/images" }
    var containers: String { directory + "/containers" }
    var states: String { directory + "/runc" }
}
