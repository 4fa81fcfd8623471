import CArchive
import Glibc

/// Unpacks layers of images into a folder, one on the other. Nothing is made outside of it, whatever a layer holds: names that lead out
/// are refused, and links on the way to a file are not followed.
public struct LayerExtraction {
    private let folder: String
    private let keepsOwners: Bool
    /// Bytes of files that may still come.
    private var left: Int64

    /// - Parameters:
    ///   - folder: an absolute path without links in it.
    ///   - limit: the most bytes of files, of all layers together.
    public init(into folder: String, keepsOwners: Bool, limit: Int64) {
        self.folder = folder
        self.keepsOwners = keepsOwners
        left = limit
    }

    /// Gives what a layer takes away of those below it: first of all, since it does not concern the layer itself. Reads all of it, and
    /// blocks the thread; the layer may be packed by gzip, Zstandard, xz or bzip2.
    ///
    /// - Parameter remove: given the parts of the directory's path, and what of it goes.
    public func forEachWhiteout(
        in descriptor: Int32, _ remove: (ArraySlice<Substring>, LayerPath.Whiteout) throws -> Void
    ) throws {
        let reader = try Self.open(descriptor)
        defer { archive_read_free(reader) }
        while let entry = try Self.next(reader) {
            let path = try Self.path(entry)
            if let whiteout = try path.whiteout { try remove(path.parent, whiteout) }
        }
    }

    /// Unpacks what a layer brings; blocks the thread.
    public mutating func unpack(from descriptor: Int32) throws(ArchiveError) {
        let reader = try Self.open(descriptor)
        defer { archive_read_free(reader) }
        guard let disk = archive_write_disk_new() else { throw ArchiveError("out of memory") }
        defer { archive_write_free(disk) }
        var flags =
            ARCHIVE_EXTRACT_TIME | ARCHIVE_EXTRACT_PERM | ARCHIVE_EXTRACT_UNLINK | ARCHIVE_EXTRACT_XATTR
            | ARCHIVE_EXTRACT_SECURE_SYMLINKS | ARCHIVE_EXTRACT_SECURE_NODOTDOT
        if keepsOwners { flags |= ARCHIVE_EXTRACT_OWNER }
        guard archive_write_disk_set_options(disk, flags) == ARCHIVE_OK else {
            throw ArchiveError(disk, "cannot unpack the layer")
        }
        while let entry = try Self.next(reader) {
            let path = try Self.path(entry)
            guard !path.parts.contains(where: { $0.hasPrefix(".wh.") }) else { continue }
            try unpack(entry, path.text, reader, disk)
        }
        guard archive_write_close(disk) == ARCHIVE_OK else {
            throw ArchiveError(disk, "cannot unpack the layer")
        }
    }

    private static func open(_ descriptor: Int32) throws(ArchiveError) -> OpaquePointer {
        guard let reader = archive_read_new() else { throw ArchiveError("out of memory") }
        guard supportPackings(reader),
            archive_read_support_format_tar(reader) == ARCHIVE_OK,
            archive_read_support_format_empty(reader) == ARCHIVE_OK,
            archive_read_open_fd(reader, descriptor, 1 << 17) == ARCHIVE_OK
        else {
            let failure = ArchiveError(reader, "cannot read the layer")
            archive_read_free(reader)
            throw failure
        }
        return reader
    }

    private static func next(_ reader: OpaquePointer) throws(ArchiveError) -> OpaquePointer? {
        var entry: OpaquePointer?
        switch archive_read_next_header(reader, &entry) {
        case ARCHIVE_OK, ARCHIVE_WARN: return entry
        case ARCHIVE_EOF: return nil
        default: throw ArchiveError(reader, "cannot read the layer")
        }
    }

    private static func path(_ entry: OpaquePointer) throws(ArchiveError) -> LayerPath {
        guard let name = archive_entry_pathname(entry) else {
            throw ArchiveError("the layer holds something without a name")
        }
        return try LayerPath(String(cString: name))
    }

    private mutating func unpack(
        _ entry: OpaquePointer, _ path: String, _ reader: OpaquePointer, _ disk: OpaquePointer
    ) throws(ArchiveError) {
        // The folder itself is the caller's.
        guard !path.isEmpty else { return }
        archive_entry_set_pathname(entry, "\(folder)/\(path)")
        if let target = archive_entry_hardlink(entry) {
            archive_entry_set_hardlink(entry, "\(folder)/\(try LayerPath(String(cString: target)).text)")
        }
        let type = archive_entry_filetype(entry)
        // Devices take rights that not everybody has, and sockets are of no use.
        if type == 0o020000 || type == 0o060000, !keepsOwners { return }
        if type == 0o140000 { return }
        guard archive_write_header(disk, entry) >= ARCHIVE_WARN else {
            throw ArchiveError(disk, "cannot make '\(path)'")
        }
        guard archive_entry_hardlink(entry) == nil else { return }
        var buffer: UnsafeRawPointer?
        var (count, offset) = (0, Int64(0))
        while true {
            let read = archive_read_data_block(reader, &buffer, &count, &offset)
            if read == ARCHIVE_EOF { break }
            guard read >= ARCHIVE_WARN else { throw ArchiveError(reader, "cannot read the layer") }
            left -= Int64(count)
            guard left >= 0 else { throw ArchiveError("the image unpacks to more than is allowed") }
            guard archive_write_data_block(disk, buffer, count, offset) >= ARCHIVE_WARN else {
                throw ArchiveError(disk, "cannot write '\(path)'")
            }
        }
        guard archive_write_finish_entry(disk) >= ARCHIVE_WARN else {
            throw ArchiveError(disk, "cannot write '\(path)'")
        }
    }
}
