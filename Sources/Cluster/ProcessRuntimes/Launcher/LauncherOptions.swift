import Core

/// How a launcher is told to work: `launcher <directory> [--idle SECONDS] [--cgroups any|v1|none]`.
struct LauncherOptions: Hashable {
    /// Where its socket, journal and logs are; absolute.
    var directory: String
    /// How long it stays with neither clients nor running attempts.
    var idle: Duration = .seconds(30)
    var cgroups = CgroupUse.any
    /// The most attempts that run at once, and that are remembered.
    var mostRunning = 16384
    var mostKnown = 65536

    init(directory: String) { self.directory = directory }

    /// Reads the words behind the verb; nil when they make no sense.
    init?(arguments: [String]) {
        guard let directory = arguments.first, directory.hasPrefix("/") else { return nil }
        self.init(directory: directory)
        var rest = arguments.dropFirst()
        while let word = rest.popFirst() {
            switch word {
            case "--cgroups":
                guard let cgroups = rest.popFirst().flatMap(CgroupUse.init) else { return nil }
                self.cgroups = cgroups
            case "--idle":
                guard let text = rest.popFirst(), let idle = Duration(parsing: text) else { return nil }
                self.idle = idle
            default: return nil
            }
        }
    }

    var arguments: [String] {
        let milliseconds = idle.inMicroseconds / 1000
        return [directory, "--idle", "\(milliseconds)ms"] + ["--cgroups", cgroups.rawValue]
    }

    static func socket(in directory: String) -> String { directory + "/launcher.sock" }
    static func lock(in directory: String) -> String { directory + "/launcher.lock" }
    static func log(in directory: String) -> String { directory + "/launcher.log" }
    static func journal(in directory: String) -> String { directory + "/journal" }
    static func shared(in directory: String) -> String { directory + "/output" }
    static func attempt(_ id: String, in directory: String) -> String { directory + "/attempts/" + id }
}

/// Which cgroups are used for attempts.
public enum CgroupUse: String, Hashable, Sendable, CaseIterable {
    /// Whatever the machine lets us have: version 2, version 1, or some of both.
    case any
    /// Only version 1 hierarchies.
    case version1 = "v1"
    /// None: attempts are held together by their session, and no limit is enforced.
    case none
}
