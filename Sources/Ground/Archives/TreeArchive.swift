import CArchive
public import Core

/// Something in a tar archive of a tree of files.
public struct TreeMember: Hashable, Sendable {
    public enum Kind: Hashable, Sendable {
        case file(size: Int64)
        case directory
        /// A symbolic link, to where it says.
        case link(to: String)
        /// What cannot be copied: a device, a pipe, a second name of a file.
        case other
    }

    public var name: String
    public var kind: Kind
    /// Permissions, as chmod(2) has them.
    public var mode: UInt32
    public var modified: Timestamp

    public init(name: String, kind: Kind, mode: UInt32, modified: Timestamp) {
        self.name = name
        self.kind = kind
        self.mode = mode
        self.modified = modified
    }
}

/// Reads a tar archive of a tree, member after member. It says what the archive says: whoever unpacks it judges.
public struct TreeReader: ~Copyable {
    private let handle: OpaquePointer
    /// Whether what libarchive only warns of is an error.
    private let isStrict: Bool

    private init(_ handle: OpaquePointer, isStrict: Bool) {
        self.handle = handle
        self.isStrict = isStrict
    }

    /// Reads from where the descriptor stands; it stays the caller's.
    public static func open(from descriptor: Int32) throws(ArchiveError) -> TreeReader {
        try open(from: descriptor, isStrict: false) { archive_read_support_filter_none($0) }
    }

    /// Reads an archive that may be packed by gzip, Zstandard, xz or bzip2.
    public static func open(packed descriptor: Int32) throws(ArchiveError) -> TreeReader {
        try open(from: descriptor, isStrict: false) {
            supportPackings($0) ? ARCHIVE_OK : ARCHIVE_FATAL
        }
    }

    /// Reads what ``ArchiveWriter`` wrote.
    static func open(compressed descriptor: Int32) throws(ArchiveError) -> TreeReader {
        try open(from: descriptor, isStrict: true) { archive_read_support_filter_zstd($0) }
    }

    private static func open(
        from descriptor: Int32, isStrict: Bool, _ addFilter: (OpaquePointer) -> Int32
    ) throws(ArchiveError) -> TreeReader {
        guard let handle = archive_read_new() else { throw ArchiveError("out of memory") }
        let archive = TreeReader(handle, isStrict: isStrict)
        guard addFilter(handle) == ARCHIVE_OK, archive_read_support_format_tar(handle) == ARCHIVE_OK,
            archive_read_open_fd(handle, descriptor, 1 << 16) == ARCHIVE_OK
        else { throw ArchiveError(handle, "cannot read the archive") }
        return archive
    }

    deinit { archive_read_free(handle) }

    /// The next member; nil at the end.
    public func next() throws(ArchiveError) -> TreeMember? {
        var entry: OpaquePointer?
        switch archive_read_next_header(handle, &entry) {
        case ARCHIVE_OK: break
        case ARCHIVE_WARN where !isStrict: break
        case ARCHIVE_EOF: return nil
        default: throw ArchiveError(handle, "cannot read the archive")
        }
        guard let entry, let name = archive_entry_pathname(entry) else {
            throw ArchiveError("the archive holds something without a name")
        }
        let kind: TreeMember.Kind
        switch archive_entry_filetype(entry) {
        case _ where archive_entry_hardlink(entry) != nil: kind = .other
        case 0o100000: kind = .file(size: archive_entry_size(entry))
        case 0o040000: kind = .directory
        case 0o120000: kind = archive_entry_symlink(entry).map { .link(to: String(cString: $0)) } ?? .other
        default: kind = .other
        }
        return TreeMember(
            name: String(cString: name), kind: kind, mode: UInt32(archive_entry_perm(entry)),
            modified: Timestamp(microseconds: Int64(archive_entry_mtime(entry)) &* 1_000_000))
    }

    /// The next bytes of a file, at most `limit`; empty at its end.
    public func read(upTo limit: Int = 1 << 18) throws(ArchiveError) -> [UInt8] {
        var count = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: limit) { buffer, used in
            count = archive_read_data(handle, buffer.baseAddress, limit)
            used = max(0, count)
        }
        guard count >= 0 else { throw ArchiveError(handle, "cannot read the archive") }
        return bytes
    }
}

/// Writes a tar archive of a tree.
public struct TreeWriter: ~Copyable {
    private let handle: OpaquePointer

    private init(_ handle: OpaquePointer) { self.handle = handle }

    /// The descriptor stays the caller's.
    public static func open(to descriptor: Int32) throws(ArchiveError) -> TreeWriter {
        try open(to: descriptor) { archive_write_add_filter_none($0) }
    }

    /// Compresses by Zstandard.
    static func open(compressed descriptor: Int32) throws(ArchiveError) -> TreeWriter {
        try open(to: descriptor) { archive_write_add_filter_zstd($0) }
    }

    private static func open(
        to descriptor: Int32, _ addFilter: (OpaquePointer) -> Int32
    ) throws(ArchiveError) -> TreeWriter {
        guard let handle = archive_write_new() else { throw ArchiveError("out of memory") }
        let archive = TreeWriter(handle)
        guard archive_write_set_format_pax_restricted(handle) == ARCHIVE_OK, addFilter(handle) == ARCHIVE_OK,
            archive_write_open_fd(handle, descriptor) == ARCHIVE_OK
        else { throw ArchiveError(handle, "cannot begin the archive") }
        return archive
    }

    deinit { archive_write_free(handle) }

    /// Begins a member; the bytes of a file, exactly as many as it says, are written next.
    public func begin(_ member: TreeMember) throws(ArchiveError) {
        let kind: LayerMember.Kind =
            switch member.kind {
            case .file(let size): .file(size: size)
            case .directory: .directory
            case .link(let target): .link(to: target)
            case .other: .other
            }
        let written = LayerMember(
            path: member.name, kind: kind, mode: member.mode,
            modifiedSeconds: member.modified.microseconds / 1_000_000)
        guard try written.write(to: handle) else {
            throw ArchiveError(handle, "cannot write '\(member.name)' to the archive")
        }
    }

    public func write(_ bytes: ArraySlice<UInt8>) throws(ArchiveError) {
        guard writeData(bytes, to: handle) else { throw ArchiveError(handle, "cannot write the archive") }
    }

    /// Writes the archive's end.
    public consuming func finish() throws(ArchiveError) {
        guard archive_write_close(handle) == ARCHIVE_OK else {
            throw ArchiveError(handle, "cannot end the archive")
        }
    }
}
