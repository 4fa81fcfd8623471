/// Whom a container's process runs as, by the numbers that the image gives to names.
public struct ContainerAccount: Hashable, Sendable {
    public var user: UInt32
    public var group: UInt32
    /// Beside `group`.
    public var groups: [UInt32]
    /// Nil where the image says nothing of the user.
    public var home: String?

    public static let root = ContainerAccount(user: 0, group: 0, groups: [], home: nil)

    public init(user: UInt32, group: UInt32, groups: [UInt32] = [], home: String? = nil) {
        self.user = user
        self.group = group
        self.groups = groups
        self.home = home
    }

    /// Finds `user`, `uid`, `user:group` or `uid:gid` (OCI image specification, `config.User`) in the image's files.
    ///
    /// A number needs no entry; its group is that of its entry, or 0. Where a group is named, the user's other groups do not count.
    ///
    /// - Parameters:
    ///   - passwd: the text of the image's /etc/passwd (passwd(5)); empty where there is none.
    ///   - group: the text of its /etc/group (group(5)).
    public static func find(
        _ text: String, passwd: String, group: String
    ) throws(BundleError) -> ContainerAccount {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard let name = parts.first.map(String.init), !name.isEmpty else { throw .unknownUser(text) }
        let number = identifier(name)
        let entry = lines(of: passwd, fields: 6).first { fields in
            fields[0] == name || number != nil && identifier(fields[2]) == number
        }
        guard let user = number ?? entry.flatMap({ identifier($0[2]) }) else { throw .unknownUser(name) }
        let home = entry.map { String($0[5]) }
        let groups = lines(of: group, fields: 4)
        if parts.count == 2 {
            let wanted = String(parts[1])
            let found = identifier(wanted) ?? groups.first { $0[0] == wanted }.flatMap { identifier($0[2]) }
            guard let found else { throw .unknownGroup(wanted) }
            return ContainerAccount(user: user, group: found, home: home)
        }
        let own = entry.flatMap { identifier($0[3]) } ?? 0
        var others: [UInt32] = []
        if let login = entry?[0] {
            for fields in groups where fields[3].split(separator: ",").contains(login) {
                if let number = identifier(fields[2]), number != own, !others.contains(number) {
                    others.append(number)
                }
            }
        }
        return ContainerAccount(user: user, group: own, groups: others, home: home)
    }

    private static func lines(of text: String, fields: Int) -> [[Substring]] {
        text.split(whereSeparator: \.isNewline).compactMap { line in
            let parts = line.split(separator: ":", omittingEmptySubsequences: false)
            return parts.count >= fields ? parts : nil
        }
    }

    /// All but the highest, which means "no change" to the kernel (setresuid(2)).
    private static func identifier(_ text: some StringProtocol) -> UInt32? {
        guard text.utf8.allSatisfy({ (48...57).contains($0) }) else { return nil }
        return UInt32(text).flatMap { $0 == .max ? nil : $0 }
    }
}
