import Core

/// How a launcher is told to work: `launcher <directory> [--idle SECONDS] [--no-cgroups]`.
struct LauncherOptions: Hashable {
    /// Where its socket, journal and logs are; absolute.
    var directory: String
    /// How long it stays with neither clients nor running attempts.
    var idle: Duration = .seconds(30)
    var usesCgroups = true
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
            case "--no-cgroups": usesCgroups = false
            case "--idle":
                guard let text = rest.popFirst(), let idle = Duration(parsing: text) else { return nil }
                self.idle = idle
            default: return nil
            }
        }
    }

    var arguments: [String] {
        let milliseconds = idle.inMicroseconds / 1000
        return [directory, "--idle", "\(milliseconds)ms"] + (usesCgroups ? [] : ["--no-cgroups"])
    }

    static func socket(in directory: String) -> String { directory + "/launcher.sock" }
    static func lock(in directory: String) -> String { directory + "/launcher.lock" }
    static func log(in directory: String) -> String { directory + "/launcher.log" }
    static func journal(in directory: String) -> String { directory + "/journal" }
    static func attempt(_ id: String, in directory: String) -> String { directory + "/attempts/" + id }
}
