import CArchive

/// Reads a layer of an image, a tar archive that may be packed by gzip, Zstandard, xz or bzip2, and gives what it is unpacked to
/// whoever wants to know its hash. It says what the archive says: whoever unpacks it judges.
public struct LayerReader: ~Copyable {
    private let handle: OpaquePointer
    private let plain: PlainStream

    private init(_ handle: OpaquePointer, _ plain: PlainStream) {
        self.handle = handle
        self.plain = plain
    }

    /// Reads from where the descriptor stands; it stays the caller's. `observer` is given every unpacked byte of the archive in order,
    /// until ``finish()``.
    public static func open(
        from descriptor: Int32, observer: @escaping (UnsafeRawBufferPointer) -> Void
    ) throws(ArchiveError) -> LayerReader {
        let plain = try PlainStream(descriptor, observer)
        guard let handle = archive_read_new() else { throw ArchiveError("out of memory") }
        let layer = LayerReader(handle, plain)
        guard archive_read_support_filter_none(handle) == ARCHIVE_OK,
            archive_read_support_format_tar(handle) == ARCHIVE_OK
        else { throw ArchiveError(handle, "cannot read the layer") }
        let context = Unmanaged.passUnretained(plain).toOpaque()
        let opened = archive_read_open(
            handle, context, nil,
            { _, context, buffer in
                guard let context, let buffer else { return -1 }
                return Unmanaged<PlainStream>.fromOpaque(context).takeUnretainedValue().next(buffer)
            }, nil)
        guard opened == ARCHIVE_OK else { throw layer.failure }
        return layer
    }

    deinit { archive_read_free(handle) }

    private var failure: ArchiveError {
        plain.failure.map { ArchiveError($0) } ?? ArchiveError(handle, "cannot read the layer")
    }

    /// The next member; nil at the end.
    public func next() throws(ArchiveError) -> LayerMember? {
        var entry: OpaquePointer?
        switch archive_read_next_header(handle, &entry) {
        case ARCHIVE_OK, ARCHIVE_WARN: break
        case ARCHIVE_EOF: return nil
        default: throw failure
        }
        // Names are bytes; where the locale cannot show them, they are UTF-8 of the extended header.
        guard let entry, let path = archive_entry_pathname(entry) ?? archive_entry_pathname_utf8(entry) else {
            throw ArchiveError("the layer holds something without a name")
        }
        let kind: LayerMember.Kind
        if let target = archive_entry_hardlink(entry) ?? archive_entry_hardlink_utf8(entry) {
            kind = .name(of: String(cString: target))
        } else {
            kind = try Self.kind(of: entry)
        }
        return LayerMember(
            path: String(cString: path), kind: kind, mode: UInt32(archive_entry_perm(entry)),
            user: Int64(archive_entry_uid(entry)), group: Int64(archive_entry_gid(entry)),
            modifiedSeconds: Int64(archive_entry_mtime(entry)),
            modifiedNanoseconds: Int64(archive_entry_mtime_nsec(entry)),
            attributes: Self.attributes(of: entry))
    }

    private static func kind(of entry: OpaquePointer) throws(ArchiveError) -> LayerMember.Kind {
        switch archive_entry_filetype(entry) {
        case 0o100000: return .file(size: archive_entry_size(entry))
        case 0o040000: return .directory
        case 0o120000:
            guard let target = archive_entry_symlink(entry) ?? archive_entry_symlink_utf8(entry) else {
                throw ArchiveError("the layer holds a link to nothing")
            }
            return .link(to: String(cString: target))
        case 0o010000: return .pipe
        case let type where type == 0o020000 || type == 0o060000:
            return .device(
                isBlock: type == 0o060000, major: UInt32(truncatingIfNeeded: archive_entry_rdevmajor(entry)),
                minor: UInt32(truncatingIfNeeded: archive_entry_rdevminor(entry)))
        default: return .other
        }
    }

    private static func attributes(of entry: OpaquePointer) -> [LayerMember.Attribute] {
        guard archive_entry_xattr_reset(entry) > 0 else { return [] }
        var all: [LayerMember.Attribute] = []
        var name: UnsafePointer<CChar>?
        var value: UnsafeRawPointer?
        var size = 0
        while archive_entry_xattr_next(entry, &name, &value, &size) == ARCHIVE_OK, let name {
            let bytes = UnsafeRawBufferPointer(start: value, count: value == nil ? 0 : size)
            all.append(.init(name: String(cString: name), value: Array(bytes)))
        }
        return all
    }

    /// The next bytes of a file, at most as many as the buffer has; 0 at its end.
    public func read(into buffer: inout [UInt8]) throws(ArchiveError) -> Int {
        let count = buffer.withUnsafeMutableBytes { archive_read_data(handle, $0.baseAddress, $0.count) }
        guard count >= 0 else { throw failure }
        return count
    }

    /// Reads what is behind the last member, so that the observer has had all of it.
    public func finish() throws(ArchiveError) {
        var buffer: UnsafeRawPointer?
        while true {
            let count = plain.next(&buffer)
            if count < 0 { throw failure }
            if count == 0 { return }
        }
    }
}

/// The unpacked bytes of a stream that may be packed.
private final class PlainStream {
    private let handle: OpaquePointer
    private let observer: (UnsafeRawBufferPointer) -> Void
    private(set) var failure: String?
    private var isAtEnd = false

    init(
        _ descriptor: Int32, _ observer: @escaping (UnsafeRawBufferPointer) -> Void
    ) throws(ArchiveError) {
        guard let handle = archive_read_new() else { throw ArchiveError("out of memory") }
        self.handle = handle
        self.observer = observer
        var entry: OpaquePointer?
        guard supportPackings(handle), archive_read_support_format_raw(handle) == ARCHIVE_OK,
            archive_read_support_format_empty(handle) == ARCHIVE_OK,
            archive_read_open_fd(handle, descriptor, 1 << 17) == ARCHIVE_OK
        else { throw ArchiveError(handle, "cannot read the layer") }
        switch archive_read_next_header(handle, &entry) {
        case ARCHIVE_OK, ARCHIVE_WARN: break
        case ARCHIVE_EOF: isAtEnd = true
        default: throw ArchiveError(handle, "cannot read the layer")
        }
    }

    deinit { archive_read_free(handle) }

    /// The next bytes, which stay until the next call: how many, 0 at the end, -1 where there is a failure.
    func next(_ buffer: UnsafeMutablePointer<UnsafeRawPointer?>) -> Int {
        if isAtEnd { return 0 }
        var size = 0
        var offset: Int64 = 0
        while true {
            switch archive_read_data_block(handle, buffer, &size, &offset) {
            case ARCHIVE_OK, ARCHIVE_WARN: break
            case ARCHIVE_EOF:
                isAtEnd = true
                return 0
            default:
                let reason = archive_error_string(handle).map { String(cString: $0) } ?? "out of memory"
                failure = "cannot unpack the layer: \(reason)"
                return -1
            }
            guard size > 0 else { continue }
            observer(UnsafeRawBufferPointer(start: buffer.pointee, count: size))
            return size
        }
    }
}
