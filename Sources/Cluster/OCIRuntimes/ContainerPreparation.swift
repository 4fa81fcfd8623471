import ClusterModel
import Core
import Glibc
import ImageModel
import OCIBundles
import ProcessRuntimes
import TaskRuntimes
import UnpackedImages

/// Makes the bundle of a container, and what the launcher is to do with it. Blocks.
struct ContainerPreparation {
    var launch: AttemptLaunch
    var image: StoredImage
    var machine: Machine
    var settings: OCISettings
    var files: ContainerFiles
    var cgroup: String
    var shares: UserShares

    var spec: TaskSpec { launch.spec }
    private var defaults: ImageConfiguration.Defaults { image.configuration.defaults }
    private var hostName: String { String(launch.attempt.text.prefix(12)) }

    func prepare() throws(RuntimeError) -> HandedAttempt {
        if settings.network == .none, let port = spec.ports.first {
            throw .rejected(
                "nobody could reach port \(port.container): containers have no network on this machine (oci.network: none)",
                hint: "leave the port out, or run it by --runtime docker")
        }
        let ports = try PortAllocation.allocate(spec.ports)
        try checkMounts()
        let edits = try GPUDevices.edits(
            for: launch.gpus, asked: spec.resources.gpus ?? 0, in: settings.deviceSpecifications)
        try files.make()
        try files.write(Array(image.digest.text.utf8), to: files.image)
        let place = try place(edits, ports)
        guard let root = ContainerRoot(place.root) else { throw .system("cannot open \(place.root)") }
        let account = try account(root)
        try place.check(account)
        let command = try self.command(account, ports)
        try check(command, root)
        var bundle = try self.bundle(command, account, place)
        bundle.allows32Bit = root.holds32Bit(command.candidates)
        bundle.edits = edits
        try files.write(bundle.bytes, to: files.configuration)
        return HandedAttempt(
            attempt: launch.attempt, task: launch.task, ports: ports, disk: spec.resources.disk,
            memory: machine.obstacles["memory"] == nil ? spec.resources.memory : nil,
            command: [
                machine.program, "--root", settings.states, "--log", files.log, "--log-format", "json", "run",
                "--detach", "--bundle", files.bundle, "--pid-file", files.pidFile, launch.attempt.text,
            ], pidFile: files.pidFile, outputOwner: place.users?.host,
            stopSignal: defaults.stopSignal.flatMap(SignalName.number),
            warnings: warnings + (place.obstacle.map { ["its users are the machine's: \($0)"] } ?? []))
    }

    private func account(_ root: borrowing ContainerRoot) throws(RuntimeError) -> ContainerAccount {
        let user = spec.user ?? defaults.user ?? "0"
        do throws(BundleError) {
            return try ContainerAccount.find(
                user, passwd: root.text("/etc/passwd"), group: root.text("/etc/group"))
        } catch {
            throw .rejected(
                "user '\(user)' is not known in image '\(spec.image ?? "")': \(error)",
                hint: "use a name from the image's /etc/passwd, or numbers: uid:gid")
        }
    }

    private func command(
        _ account: ContainerAccount, _ ports: [PortMapping]
    ) throws(RuntimeError) -> ContainerCommand {
        do throws(BundleError) {
            return try ContainerCommand(launch, defaults, account, ports: ports)
        } catch {
            throw .rejected(
                "image '\(spec.image ?? "")': \(error)",
                hint: error == .noCommand ? "name the command to run in it" : nil)
        }
    }

    /// Whether the command is there: an init would only say so when it runs. What a mount brings or hides is not seen from here.
    private func check(
        _ command: ContainerCommand, _ root: borrowing ContainerRoot
    ) throws(RuntimeError) {
        let program = command.arguments[0]
        let candidates = command.candidates
        let mounted = ContainerBundle.mounts(of: launch).contains { mount in
            candidates.contains { $0.hasPrefix(mount.target) }
        }
        guard !mounted else { return }
        switch root.find(candidates) {
        case .found: return
        case .unusable(let path):
            throw .rejected(
                "'\(path)' in image '\(spec.image ?? "")' is not an executable file",
                hint: "check its mode, or run it with its interpreter")
        case .missing:
            throw .rejected(
                "command '\(program)' was not found in image '\(spec.image ?? "")'",
                hint: "check its spelling, and that the image holds it; a line for the shell needs sh -c '…'")
        }
    }

    private func checkMounts() throws(RuntimeError) {
        for (index, mount) in spec.mounts.enumerated() {
            guard mount.source.hasPrefix("/"), access(mount.source, F_OK) == 0 else {
                throw .rejected(
                    "mounts[\(index)].source: '\(mount.source)' does not exist on this host", hint: nil)
            }
            guard mount.target.hasPrefix("/") else {
                throw .rejected("mounts[\(index)].target: '\(mount.target)' is not absolute", hint: nil)
            }
        }
    }

    private func bundle(
        _ command: ContainerCommand, _ account: ContainerAccount, _ place: ContainerPlace
    ) throws(RuntimeError) -> ContainerBundle {
        var bundle = ContainerBundle(
            command: command, account: account, root: place.root,
            hostName: hostName, cgroup: cgroup)
        bundle.limits = limits
        bundle.network = settings.network
        bundle.hiddenPaths = machine.hiddenPaths
        bundle.initProgram = machine.initProgram
        bundle.users = place.users
        bundle.mounts =
            try ContainerNames(hostName: hostName, project: launch.project, settings: settings, files: files)
            .mounts() + place.mounts
        return bundle
    }

    private var limits: ContainerLimits {
        func enforced<Value>(_ controller: String, _ value: Value?) -> Value? {
            machine.obstacles[controller] == nil ? value : nil
        }
        return ContainerLimits(
            cpuMillis: enforced("cpu", spec.resources.cpuMillis),
            memory: enforced("memory", spec.resources.memory), limitsSwap: machine.limitsSwap,
            processes: enforced("pids", spec.resources.processes ?? settings.processLimit))
    }

    private var warnings: [String] {
        let unknown = defaults.stopSignal.flatMap { SignalName.number(of: $0) == nil ? $0 : nil }
        return limitWarnings
            + (unknown.map { ["it is stopped by SIGTERM: its image names '\($0)', which is no signal"] } ?? [])
    }

    private var limitWarnings: [String] {
        [
            ("cpu", "cpu", spec.resources.cpuMillis != nil),
            ("memory", "memory", spec.resources.memory != nil),
            ("pids", "process", spec.resources.processes != nil),
        ].compactMap { controller, what, isAsked in
            guard isAsked, let obstacle = machine.obstacles[controller] else { return nil }
            return "\(what) limit not enforced: \(obstacle)"
        }
    }
}
