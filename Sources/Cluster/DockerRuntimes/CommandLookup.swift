import ClusterModel
import TaskRuntimes

/// Where the first word of a container's command may be in its file system, as execvp(3) looks for it.
struct CommandLookup: Hashable, Sendable {
    let command: String
    /// In the order of `PATH`; one for a command with a slash.
    let candidates: [String]

    private static let usualPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

    init(_ spec: TaskSpec, _ image: ImageInspection.Configuration?) throws(EngineFailure) {
        let entrypoint = spec.entrypoint.isEmpty ? image?.entrypoint ?? [] : spec.entrypoint
        // An entry point of one's own takes the image's command away too.
        let imageCommand = spec.entrypoint.isEmpty ? image?.command ?? [] : []
        guard let command = (entrypoint + (spec.command.isEmpty ? imageCommand : spec.command)).first else {
            throw .known(
                .rejected(
                    "image '\(spec.image ?? "")' has no command of its own",
                    hint: "name the command to run in it"))
        }
        let ofImage = image?.environment?.first { $0.hasPrefix("PATH=") }.map { String($0.dropFirst(5)) }
        self.init(
            command, path: spec.environment["PATH"] ?? ofImage,
            directory: spec.workingDirectory ?? image?.workingDirectory ?? "")
    }

    /// - Parameter path: the `PATH` that it is looked for in; nil for the usual one.
    init(_ command: String, path: String?, directory: String) {
        self.command = command
        if command.hasPrefix("/") {
            candidates = [command]
        } else if command.contains("/") {
            candidates = [Self.join(directory, command)]
        } else {
            candidates = (path ?? Self.usualPath).split(separator: ":").prefix(64).map {
                Self.join(String($0), command)
            }
        }
    }

    private static func join(_ directory: String, _ name: String) -> String {
        directory.hasSuffix("/") ? directory + name : directory + "/" + name
    }
}
