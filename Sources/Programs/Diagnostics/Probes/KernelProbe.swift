import CApollo
import Core
import Glibc

/// What the kernel offers, read without changing anything.
enum KernelProbe {
    static func kernel() -> MachineFacts.Kernel {
        var names = utsname()
        uname(&names)
        let release = withUnsafeBytes(of: &names.release) {
            String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
        }
        let fileSystems = SystemFile.text("/proc/filesystems") ?? ""
        // A module that is not loaded yet is loaded when it is first needed.
        let modules = SystemFile.text("/lib/modules/\(release)/modules.dep") ?? ""
        return MachineFacts.Kernel(
            release: release, userNamespaces: SystemFile.number("/proc/sys/user/max_user_namespaces"),
            lendsUserNamespaces: SystemFile.number("/proc/sys/kernel/unprivileged_userns_clone") != 0,
            hasOverlay: fileSystems.contains("\toverlay\n") || modules.contains("/overlay.ko"),
            hasSeccomp: SystemFile.text("/proc/sys/kernel/seccomp/actions_avail") != nil)
    }

    static func virtualisation() -> MachineFacts.Virtualisation {
        let device = open("/dev/kvm", O_RDWR | O_CLOEXEC)
        guard device >= 0 else {
            switch errno {
            case ENOENT: return .absent
            case EACCES, EPERM: return .denied
            case let code: return .broken(String(cString: strerror(code)))
            }
        }
        defer { close(device) }
        let version = capollo_kvm_version(device)
        return version >= 0 ? .offered(version: Int(version)) : .broken(String(cString: strerror(errno)))
    }

    static func clock(now: Timestamp) -> MachineFacts.ClockState {
        var error = 0
        let state = capollo_clock_is_synchronised(&error)
        return MachineFacts.ClockState(now: now, isSynchronised: state < 0 ? nil : state == 1)
    }

    static func limits() -> MachineFacts.ProcessLimits {
        let table = SystemFile.text("/proc/self/limits") ?? ""
        return MachineFacts.ProcessLimits(
            files: most("Max open files", in: table), processes: most("Max processes", in: table))
    }

    /// The hard limit of a line of proc(5)'s table: `Max open files  1024  524288  files`.
    static func most(_ name: String, in table: String) -> UInt64? {
        for line in table.split(separator: "\n") where line.hasPrefix(name) {
            let fields = line.dropFirst(name.count).split(separator: " ")
            return fields.count >= 2 ? UInt64(fields[1]) : nil
        }
        return nil
    }
}
