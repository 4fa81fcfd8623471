import Core
import Glibc
import TaskRuntimes

/// A user of the host, as a specification names it: `name`, `uid` or `uid:gid`.
struct HostAccount: Hashable {
    var identity: ProcessIdentity
    var name: String?
    var home: String?

    /// Looks it up; may block on the network where users come from there.
    static func find(_ text: String) throws(RuntimeError) -> HostAccount {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = parts.first, !first.isEmpty else {
            throw .rejected("user: '\(text)' is not a user", hint: "write a name, a uid or uid:gid")
        }
        var group: UInt32?
        if parts.count == 2 {
            guard let number = UInt32(parts[1]), number != UInt32.max else {
                throw .rejected(
                    "user: '\(parts[1])' is not a group's number", hint: "write uid:gid, such as 1000:1000")
            }
            group = number
        }
        let user = UInt32(first).flatMap { $0 == UInt32.max ? nil : $0 }
        guard let entry = entry(String(first), user) else {
            // A number needs no entry; it then has no home and only its own group.
            guard let user else {
                throw .rejected("user: this host has no user '\(first)'", hint: "see `getent passwd`")
            }
            let own = group ?? user
            return HostAccount(identity: ProcessIdentity(user: user, group: own, groups: [own]))
        }
        let main = group ?? entry.group
        let groups = group != nil ? [main] : allGroups(entry.name, main)
        return HostAccount(
            identity: ProcessIdentity(user: entry.user, group: main, groups: groups), name: entry.name,
            home: entry.home)
    }

    /// The user that this process is.
    static let own: HostAccount? = entry("", geteuid()).map { entry in
        HostAccount(
            identity: ProcessIdentity(user: entry.user, group: entry.group, groups: []), name: entry.name,
            home: entry.home)
    }

    private static func entry(
        _ name: String, _ user: UInt32?
    ) -> (name: String, user: UInt32, group: UInt32, home: String)? {
        var record = passwd()
        var buffer = [CChar](repeating: 0, count: 64 << 10)
        var found: UnsafeMutablePointer<passwd>?
        let code =
            user.map { getpwuid_r($0, &record, &buffer, buffer.count, &found) }
            ?? getpwnam_r(name, &record, &buffer, buffer.count, &found)
        guard code == 0, found != nil else { return nil }
        return (String(cString: record.pw_name), record.pw_uid, record.pw_gid, String(cString: record.pw_dir))
    }

    private static func allGroups(_ name: String, _ main: UInt32) -> [UInt32] {
        var groups = [gid_t](repeating: 0, count: 1024)
        var count = Int32(groups.count)
        guard getgrouplist(name, main, &groups, &count) >= 0 else { return [main] }
        return Array(groups[..<Int(count)])
    }
}
