import CArchive
import Glibc

/// How the tar archive of a layer is packed.
public enum LayerPacking: Hashable, Sendable {
    case none, gzip, zstd
}

/// Writes a layer of an image: a tar archive (POSIX.1-2001), packed. The same members are always the same bytes, by the same version
/// of the libraries.
public final class LayerWriter {
    /// Gets bytes as they are written.
    public typealias Observer = (UnsafeRawBufferPointer) -> Void

    private let handle: OpaquePointer
    private let packer: Packer

    /// - Parameters:
    ///   - descriptor: where the packed bytes go; it stays the caller's.
    ///   - plain: given every byte of the archive before it is packed.
    ///   - packed: given every byte that goes to the descriptor.
    public init(
        to descriptor: Int32, _ packing: LayerPacking, plain: @escaping Observer, packed: @escaping Observer
    ) throws(ArchiveError) {
        packer = try Packer(descriptor, packing, plain: plain, packed: packed)
        guard let handle = archive_write_new() else { throw ArchiveError("out of memory") }
        self.handle = handle
        guard archive_write_set_format_pax_restricted(handle) == ARCHIVE_OK,
            // Names are bytes here, whatever this process's locale makes of them.
            archive_write_set_format_option(handle, "pax", "hdrcharset", "BINARY") == ARCHIVE_OK,
            archive_write_add_filter_none(handle) == ARCHIVE_OK,
            archive_write_set_bytes_per_block(handle, 1 << 16) == ARCHIVE_OK,
            archive_write_set_bytes_in_last_block(handle, 1) == ARCHIVE_OK
        else { throw ArchiveError(handle, "cannot begin the layer") }
        let opened = archive_write_open(
            handle, Unmanaged.passUnretained(packer).toOpaque(), nil,
            { _, context, bytes, count in
                guard let context, let bytes else { return -1 }
                let packer = Unmanaged<Packer>.fromOpaque(context).takeUnretainedValue()
                return packer.take(UnsafeRawBufferPointer(start: bytes, count: count)) ? count : -1
            }, nil)
        guard opened == ARCHIVE_OK else { throw failure("cannot begin the layer") }
    }

    deinit { archive_write_free(handle) }

    private func failure(_ activity: String) -> ArchiveError {
        packer.failure ?? ArchiveError(handle, activity)
    }

    /// Begins a member; the bytes of a file, exactly as many as it says, are written next.
    public func begin(_ member: LayerMember) throws(ArchiveError) {
        guard try member.write(to: handle) else {
            throw failure("cannot write '\(member.path)' to the layer")
        }
    }

    public func write(_ bytes: ArraySlice<UInt8>) throws(ArchiveError) {
        guard writeData(bytes, to: handle) else { throw failure("cannot write the layer") }
    }

    /// Writes the layer's end.
    public func finish() throws(ArchiveError) {
        guard archive_write_close(handle) == ARCHIVE_OK else { throw failure("cannot end the layer") }
        try packer.finish()
    }
}

/// Packs a stream of bytes as it comes, and writes what becomes of it.
public final class StreamPacker {
    private let packer: Packer

    /// As of ``LayerWriter``.
    public init(
        to descriptor: Int32, _ packing: LayerPacking, plain: @escaping LayerWriter.Observer,
        packed: @escaping LayerWriter.Observer
    ) throws(ArchiveError) {
        packer = try Packer(descriptor, packing, plain: plain, packed: packed)
    }

    public func write(_ bytes: [UInt8]) throws(ArchiveError) {
        let isTaken = bytes.withUnsafeBytes { packer.take($0) }
        guard isTaken else { throw packer.failure ?? ArchiveError("cannot pack what is written") }
    }

    public func finish() throws(ArchiveError) { try packer.finish() }
}

/// A filter of libarchive around a file.
private final class Packer {
    private let descriptor: Int32
    private let plain: LayerWriter.Observer
    private let packed: LayerWriter.Observer
    /// Nil where nothing is packed.
    private let handle: OpaquePointer?
    private(set) var failure: ArchiveError?

    init(
        _ descriptor: Int32, _ packing: LayerPacking, plain: @escaping LayerWriter.Observer,
        packed: @escaping LayerWriter.Observer
    ) throws(ArchiveError) {
        self.descriptor = descriptor
        self.plain = plain
        self.packed = packed
        guard packing != .none else {
            handle = nil
            return
        }
        guard let handle = archive_write_new() else { throw ArchiveError("out of memory") }
        self.handle = handle
        let isSet =
            packing == .gzip
            ? archive_write_add_filter_gzip(handle) == ARCHIVE_OK
                // When it was packed is nobody's business, and would make the same input other bytes.
                && archive_write_set_filter_option(handle, "gzip", "timestamp", nil) == ARCHIVE_OK
            : archive_write_add_filter_zstd(handle) == ARCHIVE_OK
        guard isSet, archive_write_set_format_raw(handle) == ARCHIVE_OK,
            archive_write_set_bytes_per_block(handle, 1 << 16) == ARCHIVE_OK,
            archive_write_set_bytes_in_last_block(handle, 1) == ARCHIVE_OK
        else { throw ArchiveError(handle, "cannot begin to pack") }
        let opened = archive_write_open(
            handle, Unmanaged.passUnretained(self).toOpaque(), nil,
            { _, context, bytes, count in
                guard let context, let bytes else { return -1 }
                let packer = Unmanaged<Packer>.fromOpaque(context).takeUnretainedValue()
                return packer.put(UnsafeRawBufferPointer(start: bytes, count: count)) ? count : -1
            }, nil)
        guard opened == ARCHIVE_OK, let entry = archive_entry_new() else {
            throw ArchiveError(handle, "cannot begin to pack")
        }
        defer { archive_entry_free(entry) }
        archive_entry_set_pathname(entry, "data")
        archive_entry_set_filetype(entry, 0o100000)
        guard archive_write_header(handle, entry) == ARCHIVE_OK else {
            throw ArchiveError(handle, "cannot begin to pack")
        }
    }

    deinit { if let handle { archive_write_free(handle) } }

    func take(_ bytes: UnsafeRawBufferPointer) -> Bool {
        plain(bytes)
        guard let handle else { return put(bytes) }
        var done = 0
        while done < bytes.count {
            let count = archive_write_data(
                handle, bytes.baseAddress.map { $0 + done }, bytes.count - done)
            guard count > 0 else {
                failure = failure ?? ArchiveError(handle, "cannot pack what is written")
                return false
            }
            done += count
        }
        return true
    }

    private func put(_ bytes: UnsafeRawBufferPointer) -> Bool {
        packed(bytes)
        var written = 0
        while written < bytes.count {
            let count = Glibc.write(
                descriptor, bytes.baseAddress.map { $0 + written }, bytes.count - written)
            if count < 0 {
                if errno == EINTR { continue }
                failure = ArchiveError("cannot write: \(String(cString: strerror(errno)))")
                return false
            }
            written += count
        }
        return true
    }

    func finish() throws(ArchiveError) {
        guard let handle else { return }
        guard archive_write_close(handle) == ARCHIVE_OK else {
            throw failure ?? ArchiveError(handle, "cannot end what is packed")
        }
    }
}
