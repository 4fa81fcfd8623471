import Documents

/// A file system or a place of the host in a container (OCI runtime specification, "Mounts").
public struct ContainerMount: Hashable, Sendable {
    public var target: String
    /// As mount(8) calls it; `bind` for a place of the host.
    public var type: String
    public var source: String
    public var options: [String]

    public init(target: String, type: String, source: String, options: [String]) {
        self.target = target
        self.type = type
        self.source = source
        self.options = options
    }

    /// A place of the host, with what is mounted below it.
    public static func bind(_ source: String, on target: String, readOnly: Bool) -> ContainerMount {
        ContainerMount(
            target: target, type: "bind", source: source,
            options: ["rbind", "rprivate", readOnly ? "ro" : "rw"])
    }

    /// A device of the machine, as it is there.
    static func device(_ source: String, on target: String) -> ContainerMount {
        ContainerMount(target: target, type: "bind", source: source, options: ["bind", "rprivate", "rw"])
    }

    /// What every container has: /proc, /dev and what belongs there, /sys and the cgroups, the last two read-only.
    static let usual = [
        ContainerMount(
            target: "/proc", type: "proc", source: "proc", options: ["nosuid", "noexec", "nodev"]),
        ContainerMount(
            target: "/dev", type: "tmpfs", source: "tmpfs",
            options: ["nosuid", "strictatime", "mode=755", "size=65536k"]),
        ContainerMount(
            target: "/dev/pts", type: "devpts", source: "devpts",
            options: ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"]),
        ContainerMount(
            target: "/dev/shm", type: "tmpfs", source: "shm",
            options: ["nosuid", "noexec", "nodev", "mode=1777", "size=65536k"]),
        ContainerMount(
            target: "/dev/mqueue", type: "mqueue", source: "mqueue", options: ["nosuid", "noexec", "nodev"]),
        ContainerMount(
            target: "/sys", type: "sysfs", source: "sysfs", options: ["nosuid", "noexec", "nodev", "ro"]),
        ContainerMount(
            target: "/sys/fs/cgroup", type: "cgroup", source: "cgroup",
            options: ["nosuid", "noexec", "nodev", "relatime", "ro"]),
    ]

    /// The machine's /sys, with all that is mounted there read-only (mount_setattr(2), AT_RECURSIVE).
    static let machineSystem = ContainerMount(
        target: "/sys", type: "bind", source: "/sys",
        options: ["rbind", "rprivate", "rnosuid", "rnoexec", "rnodev", "rro"])

    var json: JSONValue {
        [
            "destination": .string(target), "type": .string(type), "source": .string(source),
            "options": .array(options.map { .string($0) }),
        ]
    }
}

/// What of /proc and /sys would tell of the host, or change it.
enum HiddenPaths {
    /// Not to be read.
    static let masked = [
        "/proc/acpi", "/proc/asound", "/proc/interrupts", "/proc/kcore", "/proc/keys", "/proc/latency_stats",
        "/proc/timer_list", "/proc/timer_stats", "/proc/sched_debug", "/proc/scsi", "/sys/firmware",
        "/sys/devices/virtual/powercap",
    ]
    /// Not to be written.
    static let readOnly = ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"]
}
