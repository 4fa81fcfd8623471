import Glibc

/// What of the process and its user the settings may depend on.
public struct HostFacts: Sendable {
    /// The environment.
    public var variables: [String: String]
    /// The effective user.
    public var userID: UInt32
    /// The user's home; nil where there is none.
    public var home: String?
    /// Where the paths of flags begin; nil where that is not known.
    public var workingDirectory: String?

    public init(
        variables: [String: String], userID: UInt32, home: String?, workingDirectory: String? = nil
    ) {
        self.variables = variables
        self.userID = userID
        self.home = home
        self.workingDirectory = workingDirectory
    }

    /// Those of this process. `variables` are its environment.
    public static func current(variables: [String: String]) -> HostFacts {
        var home = variables["HOME"]
        if home == nil || home == "" {
            // A service may be started without HOME; getpwuid_r(3) knows the user's.
            var entry = passwd()
            var found: UnsafeMutablePointer<passwd>?
            var buffer = [CChar](repeating: 0, count: 16384)
            home = nil
            if getpwuid_r(geteuid(), &entry, &buffer, buffer.count, &found) == 0, found != nil,
                let path = entry.pw_dir
            {
                home = String(cString: path)
            }
        }
        var directory: String?
        if let path = getcwd(nil, 0) {
            directory = String(cString: path)
            free(path)
        }
        return HostFacts(variables: variables, userID: geteuid(), home: home, workingDirectory: directory)
    }

    public var isRoot: Bool { userID == 0 }

    /// A variable that is set to something.
    func variable(_ name: String) -> String? { variables[name].flatMap { $0.isEmpty ? nil : $0 } }

    /// `~/x` as a path from the root; nil where there is no home.
    func expanded(_ path: String) -> String? {
        guard path.hasPrefix("~/") else { return path }
        return home.map { $0 + path.dropFirst() }
    }

    /// `$XDG_…/name` where that is set to an absolute path (the XDG base directory specification has others ignored),
    /// else the fallback below the home.
    func directory(_ variable: String, else fallback: String, _ name: String) -> String? {
        if let base = self.variable(variable), base.hasPrefix("/") { return "\(base)/\(name)" }
        return home.map { "\($0)/\(fallback)/\(name)" }
    }
}
