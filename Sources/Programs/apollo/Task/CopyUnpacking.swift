import Archives
import Core
import Glibc

/// Writes what a task's archive holds below one folder here. The archive is a stranger's: no name leads out of the folder, and no
/// link is followed on the way.
struct CopyUnpacking: Sendable {
    /// Where the copy is put.
    let folder: String
    /// What everything in the archive is under.
    let from: String
    /// What that is called here.
    let to: String

    /// Reads the archive to its end. Blocks.
    func run(from descriptor: Int32) throws {
        do { try unpack(descriptor) } catch let error as ArchiveError {
            throw ApolloError(
                .corrupt, "what the task's tar sent is no whole archive: \(error)", hint: "copy again")
        }
    }

    private func unpack(_ descriptor: Int32) throws {
        let root = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard root >= 0 else { throw Self.error("there is no folder \(folder)") }
        defer { close(root) }
        let archive = try TreeReader.open(from: descriptor)
        while let member = try archive.next() {
            let parts = try path(member.name)
            let parent = try Self.folder(parts.dropLast(), below: root)
            defer { close(parent) }
            try write(member, archive, parts[parts.count - 1], in: parent)
        }
    }

    /// The parts of a member's path here.
    func path(_ name: String) throws(ApolloError) -> [String] {
        let parts = name.split(separator: "/").map(String.init).filter { $0 != "." }
        guard parts.first == from, !parts.contains(".."), !name.hasPrefix("/") else {
            throw ApolloError(
                .denied,
                "the task's archive has '\(name.prefix(200))', which is not below what was asked for",
                hint: "it was not written, and nothing after it; look at the task before copying again")
        }
        return [to] + parts.dropFirst()
    }

    /// Opens, and makes, the folders one by one: a link among them is refused (open(2), O_NOFOLLOW).
    private static func folder(_ parts: some Sequence<String>, below root: Int32) throws -> Int32 {
        var here = dup(root)
        for part in parts {
            mkdirat(here, part, 0o777)
            let next = openat(here, part, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
            let code = errno
            close(here)
            guard next >= 0 else { throw error("'\(part)' is no folder to write into", code) }
            here = next
        }
        return here
    }

    private func write(
        _ member: TreeMember, _ archive: borrowing TreeReader, _ name: String, in parent: Int32
    ) throws {
        switch member.kind {
        case .directory:
            guard mkdirat(parent, name, 0o777) == 0 || errno == EEXIST else {
                throw Self.error("cannot make the folder '\(member.name)'", errno)
            }
        case .link(let target):
            unlinkat(parent, name, 0)
            guard symlinkat(target, parent, name) == 0 else {
                throw Self.error("cannot make the link '\(member.name)'", errno)
            }
        case .file:
            // A link of that name is not written through.
            unlinkat(parent, name, 0)
            let file = openat(parent, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
            guard file >= 0 else { throw Self.error("cannot write '\(member.name)'", errno) }
            defer { close(file) }
            while case let bytes = try archive.read(), !bytes.isEmpty {
                var start = 0
                while start < bytes.count {
                    let count = bytes.withUnsafeBytes {
                        Glibc.write(file, $0.baseAddress! + start, $0.count - start)
                    }
                    guard count > 0 else { throw Self.error("cannot write '\(member.name)'", errno) }
                    start += count
                }
            }
            // No more than plain permissions: not those of another user.
            fchmod(file, mode_t(member.mode & 0o777))
        case .other:
            throw Self.error("'\(member.name)' is neither a file, a folder nor a link, and was not copied")
        }
    }

    static func error(_ message: String, _ code: Int32 = 0) -> ApolloError {
        ApolloError(.invalid, code == 0 ? message : "\(message): \(String(cString: strerror(code)))")
    }
}
