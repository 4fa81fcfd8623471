import ClusterModel
import Core
import Glibc
import TaskRuntimes

/// Makes a launcher's order of what a task asks for.
struct LaunchPreparation {
    var launch: AttemptLaunch
    var settings: ProcessRuntime.Settings

    private var spec: TaskSpec { launch.spec }

    /// The order, with the ports in it. May block on a look-up of users.
    func order(_ ports: [PortMapping]) throws(RuntimeError) -> LaunchOrder {
        guard let executable = spec.executable, !executable.isEmpty else {
            throw .rejected(
                "executable: a process task needs one", hint: "or an image, to run as a container")
        }
        let account = try account()
        let environment = environment(account, ports)
        let directory = spec.workingDirectory ?? scratch(account.isChange) ?? "/"
        guard directory.hasPrefix("/") else {
            throw .rejected("workingDirectory: '\(directory)' is not absolute", hint: nil)
        }
        try checkMounts()
        let order = LaunchOrder(
            attempt: launch.attempt,
            metadata: AttemptMetadata(task: launch.task, ports: ports, disk: spec.resources.disk).bytes,
            candidates: Self.candidates(executable, path: environment["PATH"] ?? ""),
            arguments: [executable] + spec.command,
            environment: environment.map { "\($0.key)=\($0.value)" }.sorted(), directory: directory,
            identity: account.isChange ? account.account?.identity : nil,
            limits: AttemptLimits(
                cpuMillis: spec.resources.cpuMillis, memory: spec.resources.memory?.bytes,
                processes: spec.resources.processes),
            mounts: spec.mounts + shown(account.isChange), logLimit: UInt64(max(0, settings.logLimit.bytes)))
        try checkTexts(order)
        if let identity = order.identity { try giveSecrets(to: identity) }
        return order
    }

    /// A directory for it alone, where what it has on disk is limited. Another user cannot come to where it is: it is shown elsewhere.
    private func scratch(_ isOther: Bool) -> String? {
        spec.resources.disk.map { _ in
            isOther
                ? ScratchDirectories.shownPath(of: launch.attempt)
                : ScratchDirectories.path(of: launch.attempt, in: settings.directory)
        }
    }

    private func shown(_ isOther: Bool) -> [Mount] {
        guard isOther, let target = scratch(true) else { return [] }
        return [
            Mount(
                source: ScratchDirectories.path(of: launch.attempt, in: settings.directory), target: target)
        ]
    }

    /// Where execvp(3) would look.
    static func candidates(_ executable: String, path: String) -> [String] {
        if executable.contains("/") { return [executable] }
        return path.split(separator: ":", omittingEmptySubsequences: true).map { "\($0)/\(executable)" }
    }

    private func account() throws(RuntimeError) -> (account: HostAccount?, isChange: Bool) {
        guard let user = spec.user else { return (HostAccount.own, false) }
        let account = try HostAccount.find(user)
        if account.identity.user == geteuid(), geteuid() != 0 { return (account, false) }
        guard geteuid() == 0 else {
            throw .rejected(
                "user: only root can run a process as '\(user)'", hint: "leave it out, or run Apollo as root")
        }
        return (account, true)
    }

    /// A small world of its own: nothing of Apollo's environment, which may hold secrets, gets in.
    private func environment(_ account: (account: HostAccount?, isChange: Bool), _ ports: [PortMapping])
        -> [String: String]
    {
        var environment = ["PATH": settings.path, "LANG": "C.UTF-8", "HOME": account.account?.home ?? "/"]
        if let name = account.account?.name {
            environment["USER"] = name
            environment["LOGNAME"] = name
        }
        for mapping in ports.reversed() {
            guard let host = mapping.host else { continue }
            environment["PORT"] = String(host)
            environment["PORT_\(mapping.container)"] = String(host)
            environment["APOLLO_PORT"] = String(host)
            if let name = mapping.name {
                environment["APOLLO_PORT_\(EnvironmentName.part(name))"] = String(host)
            }
        }
        if let scratch = scratch(account.isChange) {
            environment["APOLLO_DIRECTORY"] = scratch
            environment["TMPDIR"] = scratch
        }
        environment.merge(spec.environment) { _, theirs in theirs }
        if let directory = launch.secrets.directory {
            environment[SecretReference.directoryVariable] = directory
        }
        for (name, secret) in launch.secrets.environment { environment[name] = secret.text }
        if !launch.gpus.isEmpty {
            // The names of CUDA and of NVIDIA's container runtime, which libraries look at.
            let gpus = launch.gpus.map(\.uuid).joined(separator: ",")
            environment["CUDA_VISIBLE_DEVICES"] = gpus
            environment["NVIDIA_VISIBLE_DEVICES"] = gpus
        }
        environment["APOLLO_TASK_ID"] = launch.task.text
        environment["APOLLO_TASK_NAME"] = launch.taskName
        environment["APOLLO_PROJECT"] = launch.project
        environment["APOLLO_ATTEMPT"] = launch.attempt.text
        return environment
    }

    /// Has the files of secrets belong to the user that the process runs as.
    private func giveSecrets(to identity: ProcessIdentity) throws(RuntimeError) {
        guard let directory = launch.secrets.directory else { return }
        var paths: Set<String> = [directory]
        for file in launch.secrets.files {
            var path = directory
            for part in file.path.split(separator: "/") {
                path += "/\(part)"
                paths.insert(path)
            }
        }
        for path in paths where lchown(path, identity.user, identity.group) != 0 {
            throw .failed("cannot give \(path) to the task's user: \(String(cString: strerror(errno)))")
        }
    }

    private func checkMounts() throws(RuntimeError) {
        guard !spec.mounts.isEmpty else { return }
        guard geteuid() == 0 else {
            throw .rejected(
                "mounts: a process task has them only when Apollo runs as root", hint: "use an image")
        }
        for (index, mount) in spec.mounts.enumerated() {
            for (name, path) in [("source", mount.source), ("target", mount.target)] {
                guard path.hasPrefix("/") else {
                    throw .rejected("mounts[\(index)].\(name): '\(path)' is not absolute", hint: nil)
                }
                guard access(path, F_OK) == 0 else {
                    let hint =
                        name == "target"
                        ? "a process sees the host's files, so the place has to be there" : nil
                    throw .rejected(
                        "mounts[\(index)].\(name): '\(path)' does not exist on this host", hint: hint)
                }
            }
        }
    }

    /// A NUL ends a text for the kernel, which would silently be given less than was asked.
    private func checkTexts(_ order: LaunchOrder) throws(RuntimeError) {
        let named =
            [
                ("executable", order.candidates), ("command", order.arguments),
                ("environment", order.environment),
            ]
            + [
                ("workingDirectory", [order.directory]),
                ("mounts", order.mounts.flatMap { [$0.source, $0.target] }),
            ]
        for (name, texts) in named where texts.contains(where: { $0.utf8.contains(0) }) {
            throw .rejected("\(name): a text contains a zero byte", hint: "the system cannot pass it on")
        }
        for name in spec.environment.keys where name.isEmpty || name.contains("=") {
            throw .rejected("environment: '\(name)' is not a variable's name", hint: nil)
        }
        let size = (order.arguments + order.environment).reduce(0) { $0 + $1.utf8.count + 9 }
        guard size < Frame.longest / 2 else {
            throw .rejected(
                "command: arguments and environment are too long (\(ByteCount(Int64(size))))", hint: nil)
        }
    }
}
