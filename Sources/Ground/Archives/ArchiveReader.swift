import CArchive

/// Reads what ``ArchiveWriter`` wrote: files alone, nothing else is let through.
public struct ArchiveReader: ~Copyable {
    /// A file of the archive; its bytes are read next.
    public struct Member: Hashable, Sendable {
        public var name: String
        public var size: Int64
    }

    private let handle: OpaquePointer

    private init(_ handle: OpaquePointer) { self.handle = handle }

    /// Reads from where the descriptor stands; it stays the caller's.
    public static func open(from descriptor: Int32) throws(ArchiveError) -> ArchiveReader {
        guard let handle = archive_read_new() else { throw ArchiveError("out of memory") }
        let archive = ArchiveReader(handle)
        guard archive_read_support_filter_zstd(handle) == ARCHIVE_OK,
            archive_read_support_format_tar(handle) == ARCHIVE_OK,
            archive_read_open_fd(handle, descriptor, 1 << 16) == ARCHIVE_OK
        else { throw ArchiveError(handle, "cannot read the archive") }
        return archive
    }

    deinit { archive_read_free(handle) }

    /// The next file; nil at the end.
    public func next() throws(ArchiveError) -> Member? {
        var entry: OpaquePointer?
        switch archive_read_next_header(handle, &entry) {
        case ARCHIVE_OK: break
        case ARCHIVE_EOF: return nil
        default: throw ArchiveError(handle, "cannot read the archive")
        }
        guard let entry, let name = archive_entry_pathname(entry), archive_entry_filetype(entry) == 0o100000
        else { throw ArchiveError("the archive holds something else than files") }
        return Member(name: String(cString: name), size: archive_entry_size(entry))
    }

    /// The next bytes of the file, at most `limit`; empty at its end.
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
