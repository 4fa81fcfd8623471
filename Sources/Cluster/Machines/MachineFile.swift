import Cgroups
import Glibc

/// The files in which the kernel tells of a machine.
enum MachineFile {
    /// The first MiB of a file.
    static func text(_ path: String) -> String? {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var text: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 16384)
        while text.count < 1 << 20 {
            let count = Glibc.read(file, &buffer, buffer.count)
            if count < 0 { return nil }
            if count == 0 { break }
            text += buffer[..<count]
        }
        return text.isEmpty ? nil : String(decoding: text, as: UTF8.self)
    }
}

extension CgroupTable {
    /// That of this process.
    static var own: CgroupTable {
        CgroupTable(
            mountinfo: MachineFile.text("/proc/self/mountinfo") ?? "",
            cgroup: MachineFile.text("/proc/self/cgroup") ?? "")
    }
}
