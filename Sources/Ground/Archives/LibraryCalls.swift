import CArchive

/// Has libarchive see for itself whether what it reads is packed, by gzip, Zstandard, xz or bzip2; false where it cannot. Others it would
/// unpack by programs of the machine, of which it only warns: libraries do these.
func supportPackings(_ handle: OpaquePointer) -> Bool {
    let filters = [
        archive_read_support_filter_gzip, archive_read_support_filter_zstd, archive_read_support_filter_xz,
        archive_read_support_filter_bzip2,
    ]
    return filters.allSatisfy { $0(handle) == ARCHIVE_OK }
}

/// Writes the next bytes of the member that was begun; false where not all of them were taken.
func writeData(_ bytes: ArraySlice<UInt8>, to handle: OpaquePointer) -> Bool {
    bytes.withUnsafeBytes { archive_write_data(handle, $0.baseAddress, $0.count) } == bytes.count
}
