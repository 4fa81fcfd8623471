import Concurrency
import Core
import Glibc

/// The programs that make file systems, which are not ours.
public enum FileSystemTool: String, CaseIterable, Sendable {
    case mke2fs
    case debugfs
    case mkfsErofs = "mkfs.erofs"

    /// Debian's package that has it.
    public var package: String {
        switch self {
        case .mke2fs, .debugfs: "e2fsprogs"
        case .mkfsErofs: "erofs-utils"
        }
    }

    /// Where it is; nil where it is not installed.
    public func find(in places: Places) -> String? {
        places.folders.map { "\($0)/\(rawValue)" }.first { access($0, X_OK) == 0 }
    }

    /// - Throws: ``ApolloError`` of kind `unavailable` where it is not installed.
    func require(in places: Places) throws -> String {
        guard let program = find(in: places) else {
            throw ApolloError(
                .unavailable, "\(rawValue) is not installed", hint: "sudo apt-get install \(package)")
        }
        return program
    }

    /// Runs it to its end. What it has to say of failures goes to this process's standard error, unless it is told not to.
    ///
    /// - Parameters:
    ///   - variables: to be added to the environment.
    func run(
        _ arguments: [String], in places: Places, variables: KeyValuePairs<String, String> = [:],
        showsErrors: Bool = true
    ) throws {
        let program = try require(in: places)
        let settings = variables.map { "\($0.key)=\($0.value)" }
        do throws(BoundedCommand.Failure) {
            // Some tell of each step.
            _ = try BoundedCommand(
                ["/usr/bin/env"] + settings + [program] + arguments, sizeLimit: 1 << 30,
                showsErrors: showsErrors
            ).run(within: .seconds(3600))
        } catch {
            let what =
                switch error {
                case .exited(let code): "ended with the exit code \(code)"
                case .signalled(let signal): "was ended by the signal \(signal)"
                case .tooSlow: "did not end within an hour"
                case .tooMuch, .notFound, .unusable: "could not be run: \(error)"
                }
            throw ApolloError(.unavailable, "\(program) \(what)")
        }
    }

    /// Folders where programs are.
    public struct Places: Hashable, Sendable {
        public var folders: [String]

        public init(folders: [String]) { self.folders = folders }

        /// - Parameter path: the variable `PATH`. Debian's places follow: these programs are in sbin, which is not in everyone's.
        public init(path: String?) {
            folders =
                (path ?? "").split(separator: ":").map(String.init)
                + ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"]
        }
    }
}
