/// The cgroup hierarchies of the machine and the place of one process in each (cgroups(7)): version 1, version 2, or
/// both beside each other.
public struct CgroupTable: Hashable, Sendable {
    public struct Hierarchy: Hashable, Sendable {
        public enum Version: Hashable, Sendable { case one, two }

        public var version: Version
        /// The controllers of a version 1 hierarchy. Those of version 2 are in a file, `cgroup.controllers`.
        public var controllers: Set<String>
        public var mountPoint: String
        /// The cgroup that is the mount's root: `/` unless in a container without a cgroup namespace.
        public var mountRoot: String
        /// The process's cgroup, from the hierarchy's root.
        public var path: String

        /// The directory of the process's cgroup; nil when it is outside of the mount.
        public var directory: String? {
            // Seen from a cgroup namespace, what is above its root starts with `/..`.
            guard path.hasPrefix("/"), !path.hasPrefix("/..") else { return nil }
            if mountRoot == "/" { return path == "/" ? mountPoint : mountPoint + path }
            if path == mountRoot { return mountPoint }
            guard path.hasPrefix(mountRoot + "/") else { return nil }
            return mountPoint + path.dropFirst(mountRoot.count)
        }

        /// The directories of the process's cgroup and of those around it, the innermost first: what each of them limits holds for
        /// the process.
        public var enclosingDirectories: [String] {
            guard let directory else { return [] }
            var all = [directory]
            while let last = all.last, last.count > mountPoint.count, let slash = last.lastIndex(of: "/") {
                all.append(String(last[..<slash]))
            }
            return all
        }
    }

    public enum Kind: String, Hashable, Sendable { case none, one = "version 1", two = "version 2", hybrid }

    public private(set) var unified: Hierarchy?
    public private(set) var legacy: [Hierarchy] = []

    public var kind: Kind {
        switch (unified, legacy.isEmpty) {
        case (nil, true): .none
        case (nil, false): .one
        case (_, true): .two
        case (_, false): .hybrid
        }
    }

    /// Leaves only version 1.
    public mutating func forgetUnified() { unified = nil }

    public func legacy(_ controller: String) -> Hierarchy? {
        legacy.first { $0.controllers.contains(controller) }
    }

    /// Reads /proc/self/mountinfo (proc(5)) and /proc/self/cgroup (cgroups(7)). Lines that make no sense are passed over.
    public init(mountinfo: String, cgroup: String) {
        let memberships = cgroup.split(separator: "\n").compactMap(Self.membership)
        for line in mountinfo.split(separator: "\n") {
            guard let mount = Self.mount(line) else { continue }
            if mount.type == "cgroup2" {
                guard let own = memberships.first(where: \.controllers.isEmpty) else { continue }
                let found = Hierarchy(
                    version: .two, controllers: [], mountPoint: mount.point, mountRoot: mount.root,
                    path: own.path)
                // The same hierarchy may be mounted several times; one that shows our cgroup is wanted.
                if unified?.directory == nil { unified = found }
            } else {
                guard let own = memberships.first(where: { !$0.controllers.isDisjoint(with: mount.options) })
                else {
                    continue
                }
                let found = Hierarchy(
                    version: .one, controllers: own.controllers, mountPoint: mount.point,
                    mountRoot: mount.root,
                    path: own.path)
                if let index = legacy.firstIndex(where: { $0.controllers == own.controllers }) {
                    if legacy[index].directory == nil { legacy[index] = found }
                } else {
                    legacy.append(found)
                }
            }
        }
    }

    /// `4:memory:/a/b`; version 2 is `0::/a/b`.
    private static func membership(_ line: Substring) -> (controllers: Set<String>, path: String)? {
        let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, parts[2].hasPrefix("/") else { return nil }
        return (Set(parts[1].split(separator: ",").map(String.init)), String(parts[2]))
    }

    /// `36 35 98:0 /root /point rw,noatime master:1 - cgroup cgroup rw,memory`.
    private static func mount(
        _ line: Substring
    ) -> (type: String, root: String, point: String, options: Set<String>)? {
        let fields = line.split(separator: " ")
        guard let dash = fields.firstIndex(of: "-"), dash >= 6, fields.count > dash + 3 else { return nil }
        let type = String(fields[dash + 1])
        guard type == "cgroup" || type == "cgroup2" else { return nil }
        let options = Set(fields[dash + 3].split(separator: ",").map(String.init))
        return (type, unescaped(fields[3]), unescaped(fields[4]), options)
    }

    /// Spaces, tabs, newlines and backslashes are `\` and three octal digits.
    private static func unescaped(_ field: Substring) -> String {
        var bytes: [UInt8] = []
        var rest = Array(field.utf8)[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "\\"),
                let code = UInt8(String(decoding: rest.prefix(3), as: UTF8.self), radix: 8)
            {
                bytes.append(code)
                rest = rest.dropFirst(3)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
