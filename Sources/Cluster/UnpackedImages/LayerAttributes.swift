import Archives
import CApollo
import Glibc

/// Whose the files of a layer are, their permissions, times and extended attributes.
extension LayerUnpacker {
    /// Of what is open.
    func describe(_ file: Int32, _ member: LayerMember, _ text: String) throws(LayerError) {
        let (user, group) = try Self.owner(member)
        // The owner first: a change of it takes set-user-id and capabilities away (chown(2)).
        guard fchown(file, user, group) == 0, fchmod(file, member.mode & 0o7777) == 0 else {
            throw .system("cannot give '\(text)' to its owner")
        }
        for attribute in member.attributes where Self.isKept(attribute.name) {
            let result = attribute.value.withUnsafeBytes {
                capollo_set_attribute(file, attribute.name, $0.baseAddress, $0.count)
            }
            guard result == 0 || errno == EOPNOTSUPP else {
                throw .system("cannot set \(attribute.name) of '\(text)'")
            }
        }
        futimens(file, Self.times(member))
    }

    /// Of what cannot be opened: a link, a pipe.
    func describe(_ name: String, in parent: Int32, _ member: LayerMember) throws(LayerError) {
        let (user, group) = try Self.owner(member)
        guard fchownat(parent, name, user, group, AT_SYMLINK_NOFOLLOW) == 0 else {
            throw .system("cannot give '\(name)' to its owner")
        }
        utimensat(parent, name, Self.times(member), AT_SYMLINK_NOFOLLOW)
    }

    static func times(_ member: LayerMember) -> [timespec] {
        let time = timespec(
            tv_sec: Int(member.modifiedSeconds),
            tv_nsec: Int(min(max(0, member.modifiedNanoseconds), 999_999_999)))
        return [time, time]
    }

    private static func owner(_ member: LayerMember) throws(LayerError) -> (uid_t, gid_t) {
        // The highest number means "no change" (chown(2)).
        guard let user = UInt32(exactly: member.user), let group = UInt32(exactly: member.group),
            user != .max,
            group != .max
        else { throw .refused("'\(member.path)' is of user \(member.user):\(member.group)") }
        return (user, group)
    }

    /// What a file may say of itself. Not what overlayfs believes (trusted), nor what modules of security decide by, but for
    /// capabilities, which give nothing to a container's processes that they may not have.
    private static func isKept(_ name: String) -> Bool {
        name.hasPrefix("user.") || name == "security.capability"
    }
}
