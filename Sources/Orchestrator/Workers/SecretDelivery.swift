import ClusterModel
import Core
public import TaskRuntimes

/// How a worker gives secrets to attempts: where they come from, and where their files are meanwhile.
public struct SecretDelivery: Sendable {
    let source: any SecretSource
    let directory: SecretDirectory
    private let node: String

    /// - Parameter node: the name of the machine.
    public init(source: any SecretSource, directory: SecretDirectory, node: String) {
        self.source = source
        self.directory = directory
        self.node = node
    }

    /// The launch with its secrets, whose files are written.
    func deliver(_ launch: AttemptLaunch) async throws(RuntimeError) -> AttemptLaunch {
        let references = launch.spec.secrets
        guard !references.isEmpty else { return launch }
        let values = try await source.values(
            of: references,
            for: SecretRecipient(
                task: launch.task, attempt: launch.attempt, project: launch.project, node: node, peer: "local"
            ))
        var secrets = LaunchSecrets()
        var files: [(path: String, secret: SecretBytes)] = []
        for (index, (reference, value)) in zip(references, values).enumerated() {
            if let variable = reference.environment {
                guard let text = value.text, !text.utf8.contains(0) else {
                    throw .rejected(
                        "the secret '\(reference.name)' is no text, so it cannot be in a variable",
                        hint: "give it as a file")
                }
                guard value.count < 128 << 10 else {
                    throw .rejected(
                        "the secret '\(reference.name)' is too long for a variable", hint: "give it as a file"
                    )
                }
                secrets.environment[variable] = value
            } else if let target = reference.containerPath {
                // Those that are elsewhere in the container have a place here that no other file has.
                let path = reference.relativePath ?? ".\(index)"
                files.append((path, value))
                secrets.files.append(LaunchSecrets.File(path: path, target: target))
            }
        }
        if !files.isEmpty {
            try directory.write(files, of: launch.attempt, on: launch.spec.runtime)
            secrets.directory = directory.path(of: launch.attempt, on: launch.spec.runtime)
        }
        var launch = launch
        launch.secrets = secrets
        return launch
    }

    /// Takes back what the attempt was given.
    func withdraw(_ attempt: AttemptID) { directory.remove(attempt) }
}
