import CArchive
public import Core

/// Writes a tar archive (POSIX.1-2001) compressed by Zstandard, member after member.
public struct ArchiveWriter: ~Copyable {
    private let handle: OpaquePointer

    private init(_ handle: OpaquePointer) { self.handle = handle }

    /// The descriptor stays the caller's.
    public static func open(to descriptor: Int32) throws(ArchiveError) -> ArchiveWriter {
        guard let handle = archive_write_new() else { throw ArchiveError("out of memory") }
        let archive = ArchiveWriter(handle)
        guard archive_write_set_format_pax_restricted(handle) == ARCHIVE_OK,
            archive_write_add_filter_zstd(handle) == ARCHIVE_OK,
            archive_write_open_fd(handle, descriptor) == ARCHIVE_OK
        else { throw ArchiveError(handle, "cannot begin the archive") }
        return archive
    }

    deinit { archive_write_free(handle) }

    /// Begins a file of exactly `size` bytes, which are written next.
    public func begin(_ name: String, size: Int64, modified: Timestamp) throws(ArchiveError) {
        guard let entry = archive_entry_new() else { throw ArchiveError("out of memory") }
        defer { archive_entry_free(entry) }
        archive_entry_set_pathname(entry, name)
        archive_entry_set_size(entry, size)
        archive_entry_set_filetype(entry, 0o100000)  // AE_IFREG, a cast that Swift does not see
        archive_entry_set_perm(entry, 0o600)
        archive_entry_set_mtime(entry, Int(modified.microseconds / 1_000_000), 0)
        guard archive_write_header(handle, entry) == ARCHIVE_OK else {
            throw ArchiveError(handle, "cannot write '\(name)' to the archive")
        }
    }

    public func write(_ bytes: ArraySlice<UInt8>) throws(ArchiveError) {
        let written = bytes.withUnsafeBytes { archive_write_data(handle, $0.baseAddress, $0.count) }
        guard written == bytes.count else { throw ArchiveError(handle, "cannot write the archive") }
    }

    /// Writes the archive's end.
    public consuming func finish() throws(ArchiveError) {
        guard archive_write_close(handle) == ARCHIVE_OK else {
            throw ArchiveError(handle, "cannot end the archive")
        }
    }
}
