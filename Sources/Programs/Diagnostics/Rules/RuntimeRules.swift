import DockerRuntimes
import ImageFiles
import OCIRuntimes
import ProcessRuntimes

extension Diagnosis {
    static func engine(_ report: EngineReport, user: UInt32) -> [Finding] {
        if let fault = report.fault {
            return [
                Finding(
                    "engine", .problem, fault, meaning: "No container can be run.", fix: "unset DOCKER_HOST")
            ]
        }
        if let (socket, answer) = report.engine { return engine(answer, at: socket) }
        var findings: [Finding] = []
        for place in report.places {
            switch place.state {
            case .absent, .answers: continue
            case .denied(let group):
                let owner = group.map { "; members of the group '\($0)' may" } ?? ""
                findings.append(
                    Finding(
                        "engine", .problem, "this user may not use \(place.socket)\(owner)",
                        meaning: "No container can be run.",
                        fix: group.map {
                            $0 == "root" ? nil : "sudo usermod -aG \($0) $USER, and log in again"
                        }
                            ?? "run as root, or use an engine of your own: apt-get install podman"))
            case .silent(let reason):
                findings.append(
                    Finding(
                        "engine", .problem, "no engine answers at \(place.socket): \(reason)",
                        meaning: "No container can be run.",
                        fix: place.socket.contains("podman")
                            ? "systemctl \(user == 0 ? "" : "--user ")start podman.socket"
                            : "sudo systemctl start docker"))
            }
        }
        guard findings.isEmpty else { return findings }
        return [
            Finding(
                "engine", .warning,
                "no container engine: nothing at \(report.places.map(\.socket).joined(separator: ", "))",
                meaning: "Tasks can run executables of this machine (--exec), but no images.",
                fix: "sudo apt-get install docker.io")
        ]
    }

    private static func engine(_ answer: EngineReport.Answer, at socket: String) -> [Finding] {
        var details = ["API \(answer.apiVersion)"]
        if let version = answer.cgroupVersion { details.append("cgroup v\(version)") }
        if let driver = answer.cgroupDriver { details.append("driver \(driver)") }
        let text = "\(answer.product) at \(socket) (\(details.joined(separator: ", ")))"
        guard !answer.missingLimits.isEmpty else { return [.ok("engine", text)] }
        let missing = answer.missingLimits.joined(separator: ", ")
        // Swap alone is missing on most machines, and is not asked for by any task.
        guard answer.missingLimits != ["swap"] else { return [.ok("engine", text + ", no limit on swap")] }
        return [
            Finding(
                "engine", .warning, "\(text) cannot limit \(missing)",
                meaning: "Containers run without these limits and can take them from each other.",
                fix: "boot with the kernel options cgroup_enable=memory swapaccount=1")
        ]
    }

    /// Containers without an engine. Where there is an engine they are one way more.
    static func oci(_ report: OCIReport, isEnabled: Bool, hasEngine: Bool) -> [Finding] {
        guard isEnabled else {
            let state = report.detail.map { "\($0) can run images" } ?? report.obstacle ?? "not possible"
            return [.ok("oci", "off (oci.enabled); \(state)")]
        }
        guard let detail = report.detail else {
            let what = report.obstacle ?? "not possible"
            guard !hasEngine else { return [.ok("oci", "images need the engine: \(what)")] }
            return [
                Finding(
                    "oci", .warning, what, meaning: "Images cannot be run without a container engine.",
                    fix: what.contains("runc") ? "sudo apt-get install runc" : report.hint)
            ]
        }
        guard report.hasInit else {
            return [
                Finding(
                    "oci", .warning, "\(detail); no init",
                    meaning: "A command that does not handle SIGTERM ends only when its grace is over.",
                    fix: "sudo apt-get install tini")
            ]
        }
        if report.usersObstacle != nil {
            return [
                Finding(
                    "oci", .warning, detail,
                    meaning: "Root in a container is root of this machine, but for what it may not do.",
                    fix: "see docs/oci.md, Users; or set oci.userns: host, if that is as it should be")
            ]
        }
        return [.ok("oci", detail)]
    }

    /// Programs that `apollo image export` runs: without them it makes folders and archives still, which is enough for most.
    static func tools(_ missing: [FileSystemTool]) -> [Finding] {
        guard !missing.isEmpty else { return [.ok("tools", "images can be exported as ext4 and erofs")] }
        var packages: [String] = []
        for tool in missing where !packages.contains(tool.package) { packages.append(tool.package) }
        return [
            .ok(
                "tools",
                "\(missing.map(\.rawValue).joined(separator: ", ")) not installed, for file systems of images "
                    + "(\(packages.joined(separator: ", ")))")
        ]
    }

    static func cgroups(_ report: CgroupReport, user: UInt32) -> [Finding] {
        let enforced = report.limits.filter { $0.obstacle == nil }.map(\.controller)
        let missing = report.limits.filter { $0.obstacle != nil }
        let text =
            "\(report.hierarchy), limits enforced: \(enforced.isEmpty ? "none" : enforced.joined(separator: ", "))"
        guard !missing.isEmpty else { return [.ok("cgroups", text)] }
        var reasons: [String] = []
        for limit in missing {
            if let obstacle = limit.obstacle, !reasons.contains(obstacle) { reasons.append(obstacle) }
        }
        return [
            Finding(
                "cgroups", .warning, "\(text); not: \(missing.map(\.controller).joined(separator: ", "))",
                meaning:
                    "An 'apollo up' started here would run processes without these limits: "
                    + reasons.joined(separator: "; ") + ".",
                fix: report.hierarchy == "none"
                    ? "mount -t cgroup2 none /sys/fs/cgroup"
                    : user == 0
                        ? "systemctl start apollo, whose unit asks for Delegate=yes"
                        : "systemd-run --user --scope -p Delegate=yes apollo up")
        ]
    }

    static func virtualisation(_ state: MachineFacts.Virtualisation) -> [Finding] {
        switch state {
        case .offered(let version) where version == 12:
            return [.ok("kvm", "/dev/kvm may be used; whether a guest boots on it was not tried")]
        case .offered(let version):
            return [
                Finding(
                    "kvm", .warning, "/dev/kvm speaks version \(version) of its interface, not 12",
                    meaning: "MicroVMs would be emulated, which is several times slower.",
                    fix: "update the kernel")
            ]
        case .denied:
            return [
                Finding(
                    "kvm", .warning, "this user may not open /dev/kvm",
                    meaning: "MicroVMs would be emulated, which is several times slower.",
                    fix: "sudo usermod -aG kvm $USER, and log in again")
            ]
        case .broken(let reason):
            return [
                Finding(
                    "kvm", .warning, "/dev/kvm cannot be opened: \(reason)",
                    meaning: "MicroVMs would be emulated, which is several times slower.",
                    fix: "sudo modprobe kvm_intel || sudo modprobe kvm_amd")
            ]
        case .absent:
            return [
                Finding(
                    "kvm", .warning, "there is no /dev/kvm",
                    meaning: "MicroVMs would be emulated, which is several times slower.",
                    fix: "enable virtualisation in the firmware or the hypervisor, then: sudo modprobe kvm")
            ]
        }
    }

    static func kernel(_ kernel: MachineFacts.Kernel) -> [Finding] {
        var findings: [Finding] = []
        if kernel.userNamespaces ?? 0 == 0 || !kernel.lendsUserNamespaces {
            findings.append(
                Finding(
                    "kernel", .warning, "no user namespaces for users who are not root",
                    meaning: "Engines without root, such as Podman's, do not work.",
                    fix: kernel.userNamespaces ?? 0 == 0
                        ? "sudo sysctl user.max_user_namespaces=15000"
                        : "sudo sysctl kernel.unprivileged_userns_clone=1"))
        }
        if !kernel.hasOverlay {
            findings.append(
                Finding(
                    "kernel", .warning, "no overlayfs",
                    meaning: "Engines copy images instead of layering them.",
                    fix: "sudo modprobe overlay"))
        }
        if !kernel.hasSeccomp {
            findings.append(
                Finding(
                    "kernel", .warning, "no seccomp filters",
                    meaning: "System calls of containers are not filtered.",
                    fix: "use a kernel with CONFIG_SECCOMP_FILTER"))
        }
        guard findings.isEmpty else { return findings }
        return [.ok("kernel", "\(kernel.release): user namespaces, overlayfs, seccomp")]
    }
}
