import Core
import Glibc

extension Diagnosis {
    static func data(_ facts: MachineFacts.DataDirectoryFacts, user: UInt32) -> [Finding] {
        let path = facts.path
        switch facts.state {
        case .absent(isMakeable: true):
            return [.ok("data", "\(path) is not there yet; 'apollo up' makes it")]
        case .absent(isMakeable: false):
            return [
                Finding(
                    "data", .problem, "\(path) is not there, and this user cannot make it",
                    meaning: "'apollo up' has nowhere to keep its data.",
                    fix: user == 0
                        ? "apollo up --data DIRECTORY" : "sudo install -d -m 700 -o \(user) \(path)")
            ]
        case .notADirectory:
            return [
                Finding(
                    "data", .problem, "\(path) is not a directory", meaning: "'apollo up' refuses it.",
                    fix: "apollo up --data DIRECTORY")
            ]
        case .unreachable(let reason):
            return [
                Finding(
                    "data", .problem, "\(path) cannot be looked at: \(reason)",
                    meaning: "This user can neither start a platform on it nor read its token.",
                    fix: "run as the user who owns it, or name another with --data")
            ]
        case .present(let owner, let mode, let isWritable):
            return [present(path, owner, mode, isWritable, user)] + facts.exposed.map(exposed)
        }
    }

    private static func present(
        _ path: String, _ owner: UInt32, _ mode: UInt32, _ isWritable: Bool, _ user: UInt32
    ) -> Finding {
        if mode & 0o022 != 0, mode & 0o1000 == 0 {
            return Finding(
                "data", .problem, "\(path) can be changed by other users",
                meaning: "They may replace the database or the token; 'apollo up' refuses it.",
                fix: "chmod go-w \(path)")
        }
        guard isWritable else {
            return Finding(
                "data", .warning, "\(path) belongs to user \(owner); this is user \(user)",
                meaning: "This user cannot start a platform on it.",
                fix: "run as that user, or name another with --data")
        }
        if mode & 0o077 != 0 {
            return Finding(
                "data", .warning, "\(path) can be entered by other users",
                meaning: "They see which files there are; secrets stay closed to them.",
                fix: "chmod 700 \(path)")
        }
        return .ok("data", "\(path), for its owner alone")
    }

    private static func exposed(_ file: String) -> Finding {
        Finding(
            "data", .problem, "\(file) can be read by other users",
            meaning: "Whoever reads it can do everything its owner can.",
            fix: "chmod 600 \(file), and replace what was in it")
    }

    static func disk(_ disk: MachineFacts.Disk) -> [Finding] {
        var findings: [Finding] = []
        let name = fileSystems[disk.kind]
        switch disk.kind {
        case FileSystemKind.tmpfs, FileSystemKind.ramfs:
            findings.append(
                Finding(
                    "disk", .warning, "\(disk.path) is in memory (\(name ?? "tmpfs"))",
                    meaning: "All data is lost when the machine restarts.", fix: "apollo up --data DIRECTORY")
            )
        case FileSystemKind.nfs, FileSystemKind.smb, FileSystemKind.smb2, FileSystemKind.fuse,
            FileSystemKind.ceph, FileSystemKind.v9fs:
            findings.append(
                Finding(
                    "disk", .problem, "\(disk.path) is on \(name ?? "a network file system")",
                    meaning: "Its locks and shared memory cannot be relied on; the database may be damaged.",
                    fix: "keep the data directory on a local disk: apollo up --data DIRECTORY"))
        default: break
        }
        findings += room(disk)
        if let failure = disk.syncFailure {
            findings.append(
                Finding(
                    "disk", .problem, "nothing can be written to \(disk.path): \(failure)",
                    meaning: "What is acknowledged would not be kept.",
                    fix: "df -h \(disk.path); dmesg | tail"))
        } else if let sync = disk.sync, sync > .milliseconds(100) {
            findings.append(
                Finding(
                    "disk", .warning, "a write takes \(sync.short) to reach the disk",
                    meaning: "Every change waits that long; the usual is under 10 ms.",
                    fix: "use a faster disk, or find what else writes to it: iostat -x 1"))
        }
        guard findings.isEmpty else { return findings }
        let sync = disk.sync.map { "; a write reaches it in \($0.short)" } ?? ""
        return [.ok("disk", "\(disk.free) of \(disk.size) free\(name.map { " on \($0)" } ?? "")\(sync)")]
    }

    private static func room(_ disk: MachineFacts.Disk) -> [Finding] {
        var findings: [Finding] = []
        let fix = "make room: du -xh --max-depth=2 \(disk.path) | sort -h | tail"
        if disk.free < .mebibytes(256) {
            findings.append(
                Finding(
                    "disk", .problem, "\(disk.free) free at \(disk.path)",
                    meaning: "Soon nothing can be stored, and every change is refused.", fix: fix))
        } else if disk.free < .gibibytes(2) || disk.free.bytes < disk.size.bytes / 20 {
            findings.append(
                Finding(
                    "disk", .warning, "\(disk.free) of \(disk.size) free at \(disk.path)",
                    meaning: "Images and outputs of tasks will fill it.", fix: fix))
        }
        if disk.files > 0, disk.freeFiles < max(1000, disk.files / 50) {
            findings.append(
                Finding(
                    "disk", disk.freeFiles < 1000 ? .problem : .warning,
                    "\(disk.freeFiles) of \(disk.files) inodes free at \(disk.path)",
                    meaning: "No more files can be made, though there may be room.",
                    fix: "remove small files: du -x --inodes --max-depth=2 \(disk.path) | sort -n | tail"))
        }
        return findings
    }

    /// Numbers of statfs(2).
    enum FileSystemKind {
        static let tmpfs = 0x0102_1994, ramfs = 0x8584_58F6, nfs = 0x6969, smb = 0x517B, smb2 = 0xFE53_4D42
        static let fuse = 0x6573_5546, ceph = 0x00C3_6400, v9fs = 0x0102_1997
        static let ext4 = 0xEF53, xfs = 0x5846_5342, btrfs = 0x9123_683E, overlay = 0x794C_7630
        static let zfs = 0x2FC1_2FC1
    }

    private static let fileSystems: [Int: String] = [
        FileSystemKind.tmpfs: "tmpfs", FileSystemKind.ramfs: "ramfs", FileSystemKind.nfs: "NFS",
        FileSystemKind.smb: "SMB", FileSystemKind.smb2: "SMB", FileSystemKind.fuse: "FUSE",
        FileSystemKind.ceph: "Ceph", FileSystemKind.v9fs: "9P", FileSystemKind.ext4: "ext4",
        FileSystemKind.xfs: "XFS", FileSystemKind.btrfs: "Btrfs", FileSystemKind.overlay: "overlayfs",
        FileSystemKind.zfs: "ZFS",
    ]
}
