import CApollo
import ClusterModel
public import Core
import Glibc
import OCIBundles
import Synchronization
import TaskRuntimes

/// Users of the machine that stand behind those of containers, and groups by the same numbers.
public struct SubordinateUsers: Hashable, Sendable {
    public var first: UInt32
    public var count: UInt32

    /// How many a container has: those that images use.
    public static let each: UInt32 = 65_536

    /// Beside those that systemd gives to containers (its "Users, Groups, UIDs and GIDs on systemd Systems"), and below those that it calls
    /// foreign.
    public static let usual = SubordinateUsers(first: 1_879_048_192, count: 268_304_384)

    public init(first: UInt32, count: UInt32) {
        self.first = first
        self.count = count
    }

    /// `FIRST:COUNT`, or the name of a user who has them.
    ///
    /// - Parameters:
    ///   - users: the text of /etc/subuid (subuid(5)).
    ///   - groups: the text of /etc/subgid.
    public init(parsing text: String, users: String, groups: String) throws(ApolloError) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        if parts.count == 2, let first = UInt32(parts[0]), let count = UInt32(parts[1]) {
            self.init(first: first, count: count)
        } else {
            let found = Self.ranges(of: text, in: users).first { $0.count >= Self.each }
            guard let found, Self.ranges(of: text, in: groups).contains(found) else {
                throw ApolloError(
                    .invalid, "'\(text)' has no \(Self.each) users and groups of the same numbers",
                    hint: "write FIRST:COUNT, or a line \(text):FIRST:COUNT to /etc/subuid and to /etc/subgid"
                )
            }
            self = found
        }
        guard first > 0, count >= Self.each, !first.addingReportingOverflow(count).overflow else {
            throw ApolloError(
                .invalid,
                "'\(text)' are not users for containers: each has \(Self.each), and root is none of them")
        }
    }

    /// As ``init(parsing:users:groups:)``, by this machine's files. Blocks.
    public static func find(_ text: String) throws(ApolloError) -> SubordinateUsers {
        // One that is not there has no lines.
        let files = ["/etc/subuid", "/etc/subgid"].map {
            String(decoding: ContainerFiles.read($0) ?? [], as: UTF8.self)
        }
        return try SubordinateUsers(parsing: text, users: files[0], groups: files[1])
    }

    private static func ranges(of name: String, in text: String) -> [SubordinateUsers] {
        text.split(whereSeparator: \.isNewline).compactMap { line in
            let parts = line.split(separator: ":", omittingEmptySubsequences: false)
            guard parts.count == 3, parts[0] == name, let first = UInt32(parts[1]),
                let count = UInt32(parts[2])
            else { return nil }
            return SubordinateUsers(first: first, count: count)
        }
    }

    /// The first users of each container that there may be.
    var firsts: StrideTo<UInt32> {
        stride(from: first, to: first + (count / Self.each) * Self.each, by: Int(Self.each))
    }
}

/// Which container has which users; none of them has another's, nor one of another platform of the machine.
final class UserShares: Sendable {
    private let settings: OCISettings
    /// The first of each; nil before it was asked what is there.
    private let taken = Mutex<[AttemptID: UInt32]?>(nil)

    init(_ settings: OCISettings) { self.settings = settings }

    /// Gives a container users, the same as before where it has some, and writes them down. Blocks.
    func claim(_ files: ContainerFiles) throws(RuntimeError) -> ContainerBundle.UserMapping {
        let first = try taken.withLock { taken throws(RuntimeError) in
            var register = try UserRegister(settings.register)
            var known: [AttemptID: UInt32]
            if let taken { known = taken } else { known = try found(&register) }
            defer { taken = known }
            let own = known.removeValue(forKey: files.attempt)
            let others = Set(known.values)
            var free: UInt32?
            for share in [own].compactMap(\.self) + settings.subordinates.firsts
            where !others.contains(share) && !register.isTaken(share, but: files.users) {
                free = share
                break
            }
            guard let free else {
                throw .exhausted(
                    "all shares of users for containers are taken, \(known.count) of them by this platform",
                    hint: "allow more in oci.subids")
            }
            // First its own record, by which others see that it is so.
            try files.write(Array("\(free)\n".utf8), to: files.users)
            try register.add(free, files.users)
            known[files.attempt] = free
            return free
        }
        return ContainerBundle.UserMapping(host: first, count: SubordinateUsers.each)
    }

    /// Says that a container is no more, and nothing of its users is left.
    func release(_ files: ContainerFiles) {
        let first = taken.withLock { $0?.removeValue(forKey: files.attempt) }
        // Where it cannot be taken away, it stands for a record that is gone.
        if let first, let register = try? UserRegister(settings.register) {
            register.remove(first, files.users)
        }
    }

    /// Those of the containers that are there. A version before this one has not written them down.
    private func found(_ register: inout UserRegister) throws(RuntimeError) -> [AttemptID: UInt32] {
        var found: [AttemptID: UInt32] = [:]
        for attempt in ContainerFiles.attempts(in: settings.containers) {
            let files = ContainerFiles(settings: settings, attempt: attempt)
            guard let first = files.firstUser else { continue }
            found[attempt] = first
            if !register.isTaken(first, but: files.users) { try register.add(first, files.users) }
        }
        return found
    }
}

extension ContainerFiles {
    /// The first of its own users; nil where it has the machine's.
    var firstUser: UInt32? { Self.firstUser(at: users) }

    static func firstUser(at path: String) -> UInt32? {
        read(path, limit: 64).flatMap {
            UInt32(String(decoding: $0, as: UTF8.self).prefix { !$0.isNewline })
        }
    }
}

/// A user namespace of no process, by which mounts are seen with other owners.
struct UserSpace: ~Copyable {
    let file: Int32

    init(_ users: ContainerBundle.UserMapping) throws(RuntimeError) {
        file = capollo_user_namespace(users.host, users.count)
        // What is full, or refused, is a setting of the kernel's and no disk (user_namespaces(7)).
        guard file >= 0 else {
            throw .unavailable(
                "cannot make a user namespace: \(String(cString: strerror(errno)))",
                hint: "see: sysctl user.max_user_namespaces")
        }
    }

    deinit { close(file) }

    /// Why containers cannot have users of their own whose files are at `path`; nil where they can.
    static func obstacle(at path: String, _ users: SubordinateUsers) -> String? {
        do throws(RuntimeError) {
            let space = try UserSpace(.init(host: users.first, count: SubordinateUsers.each))
            guard let mount = space.mapped(path, recursive: false) else {
                return "\(path) cannot be mounted with other owners: \(String(cString: strerror(errno)))"
            }
            close(mount)
            return nil
        } catch {
            return error.asApolloError.message
        }
    }

    /// A mount of what is at `path`, to be closed; nil with `errno`.
    borrowing func mapped(_ path: String, recursive: Bool) -> Int32? {
        let mount = capollo_map_mount(path, file, recursive ? 1 : 0)
        return mount < 0 ? nil : mount
    }
}
