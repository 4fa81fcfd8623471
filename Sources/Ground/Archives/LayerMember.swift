import CArchive
import Glibc

/// Something in a layer of an image: all that tar says of a file.
public struct LayerMember: Hashable, Sendable {
    public enum Kind: Hashable, Sendable {
        case file(size: Int64)
        case directory
        /// A symbolic link, to where it says.
        case link(to: String)
        /// A second name of the file at this path of the layer.
        case name(of: String)
        case pipe
        case device(isBlock: Bool, major: UInt32, minor: UInt32)
        /// A socket, or something newer.
        case other
    }

    /// As the archive has it: whoever unpacks it judges.
    public var path: String
    public var kind: Kind
    /// Permissions, as chmod(2) has them.
    public var mode: UInt32
    /// Numbers.
    public var user: Int64
    public var group: Int64
    /// Seconds since 1970, and the nanoseconds of the next.
    public var modifiedSeconds: Int64
    public var modifiedNanoseconds: Int64
    /// Extended attributes (xattr(7)).
    public var attributes: [Attribute]

    public struct Attribute: Hashable, Sendable {
        public var name: String
        public var value: [UInt8]
    }

    public init(
        path: String, kind: Kind, mode: UInt32, user: Int64 = 0, group: Int64 = 0,
        modifiedSeconds: Int64, modifiedNanoseconds: Int64 = 0, attributes: [Attribute] = []
    ) {
        self.path = path
        self.kind = kind
        self.mode = mode
        self.user = user
        self.group = group
        self.modifiedSeconds = modifiedSeconds
        self.modifiedNanoseconds = modifiedNanoseconds
        self.attributes = attributes
    }
}

extension LayerMember {
    /// Writes that it comes next; false where libarchive refuses. What a tar archive has no place for may not be written.
    func write(to handle: OpaquePointer) throws(ArchiveError) -> Bool {
        guard let entry = archive_entry_new() else { throw ArchiveError("out of memory") }
        defer { archive_entry_free(entry) }
        archive_entry_set_pathname(entry, path)
        archive_entry_set_perm(entry, mode)
        archive_entry_set_uid(entry, user)
        archive_entry_set_gid(entry, group)
        archive_entry_set_mtime(entry, Int(modifiedSeconds), Int(modifiedNanoseconds))
        for attribute in attributes {
            attribute.value.withUnsafeBytes {
                archive_entry_xattr_add_entry(entry, attribute.name, $0.baseAddress, $0.count)
            }
        }
        switch kind {
        case .file(let size):
            archive_entry_set_filetype(entry, 0o100000)
            archive_entry_set_size(entry, size)
        case .directory: archive_entry_set_filetype(entry, 0o040000)
        case .link(let target):
            archive_entry_set_filetype(entry, 0o120000)
            archive_entry_set_symlink(entry, target)
        case .name(let target):
            archive_entry_set_filetype(entry, 0o100000)
            archive_entry_set_hardlink(entry, target)
        case .pipe: archive_entry_set_filetype(entry, 0o010000)
        case .device(let isBlock, let major, let minor):
            archive_entry_set_filetype(entry, isBlock ? 0o060000 : 0o020000)
            archive_entry_set_rdevmajor(entry, dev_t(major))
            archive_entry_set_rdevminor(entry, dev_t(minor))
        case .other: throw ArchiveError("'\(path)' is nothing that can be in an archive")
        }
        return archive_write_header(handle, entry) == ARCHIVE_OK
    }
}
