import CArchive
public import Core

/// Why an archive could not be written or read.
public struct ArchiveError: Error, Hashable, Sendable, CustomStringConvertible {
    public var description: String

    init(_ description: String) { self.description = description }

    /// What libarchive says of its last failure.
    init(_ handle: OpaquePointer, _ activity: String) {
        let reason = archive_error_string(handle).map { String(cString: $0) } ?? "out of memory"
        description = "\(activity): \(reason)"
    }
}

extension LibraryVersion {
    /// libarchive.
    public static var archive: LibraryVersion {
        LibraryVersion(
            name: "libarchive", built: ARCHIVE_VERSION_ONLY_STRING,
            running: String(String(cString: archive_version_string()).drop { !$0.isNumber }))
    }
}
