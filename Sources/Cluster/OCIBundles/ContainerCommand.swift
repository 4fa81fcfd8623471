public import ClusterModel
import Core
public import ImageModel

/// What a container runs, by what its task asks for and its image says (OCI image specification, "Conversion to OCI Runtime
/// Configuration").
public struct ContainerCommand: Hashable, Sendable {
    /// The program and its arguments; never empty.
    public var arguments: [String]
    /// By name.
    public var environment: [String: String]
    public var directory: String

    static let usualPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

    /// - Parameter ports: those that it was given, with the host's numbers.
    public init(
        _ launch: AttemptLaunch, _ image: ImageConfiguration.Defaults, _ account: ContainerAccount,
        ports: [PortMapping]
    ) throws(BundleError) {
        let spec = launch.spec
        let entrypoint = spec.entrypoint.isEmpty ? image.entrypoint : spec.entrypoint
        // An entry point of one's own takes the image's command away too.
        let command = spec.entrypoint.isEmpty && spec.command.isEmpty ? image.command : spec.command
        arguments = entrypoint + command
        guard let program = arguments.first, !program.isEmpty else { throw .noCommand }
        directory = spec.workingDirectory ?? image.workingDirectory ?? "/"
        guard directory.hasPrefix("/") else {
            throw .relativePath(field: "workingDirectory", path: directory)
        }
        environment = Self.environment(launch, image, account, ports)
        try checkTexts()
    }

    /// Where the program may be in the container's file system, as execvp(3) looks for it: absolute paths.
    public var candidates: [String] { Self.candidates(arguments[0], environment["PATH"], directory) }

    /// The same of another program with this environment and directory.
    public static func candidates(_ program: String, _ path: String?, _ directory: String) -> [String] {
        if program.hasPrefix("/") { return [program] }
        func joined(_ folder: String) -> String {
            folder.hasSuffix("/") ? folder + program : "\(folder)/\(program)"
        }
        if program.contains("/") { return [joined(directory)] }
        return (path ?? usualPath).split(separator: ":").prefix(64).map { joined(String($0)) }
    }

    private static func environment(
        _ launch: AttemptLaunch, _ image: ImageConfiguration.Defaults, _ account: ContainerAccount,
        _ ports: [PortMapping]
    ) -> [String: String] {
        var all = ["PATH": usualPath, "HOME": account.home.flatMap { $0.isEmpty ? nil : $0 } ?? "/"]
        for text in image.environment {
            let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if let name = parts.first, !name.isEmpty {
                all[String(name)] = parts.count > 1 ? String(parts[1]) : ""
            }
        }
        // As a process of the host is told them: the network is the machine's.
        for mapping in ports.reversed() {
            guard let host = mapping.host else { continue }
            for name in ["PORT", "PORT_\(mapping.container)", "APOLLO_PORT"] { all[name] = "\(host)" }
            if let name = mapping.name { all["APOLLO_PORT_\(EnvironmentName.part(name))"] = "\(host)" }
        }
        all.merge(launch.spec.environment) { _, theirs in theirs }
        if !launch.secrets.files.isEmpty {
            all[SecretReference.directoryVariable] = SecretReference.containerDirectory
        }
        for (name, secret) in launch.secrets.environment { all[name] = secret.text }
        all["APOLLO_TASK_ID"] = launch.task.text
        all["APOLLO_TASK_NAME"] = launch.taskName
        all["APOLLO_PROJECT"] = launch.project
        all["APOLLO_ATTEMPT"] = launch.attempt.text
        return all
    }

    private func checkTexts() throws(BundleError) {
        func has(_ texts: some Sequence<String>) -> Bool { texts.contains { $0.utf8.contains(0) } }
        if has(arguments) { throw .zeroByte(field: "command") }
        if has(environment.keys) || has(environment.values) { throw .zeroByte(field: "environment") }
        if has([directory]) { throw .zeroByte(field: "workingDirectory") }
    }
}
