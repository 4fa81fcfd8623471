public import Core

/// Writes a tar archive (POSIX.1-2001) of files, compressed by Zstandard, member after member.
public struct ArchiveWriter: ~Copyable {
    private let tree: TreeWriter

    /// The descriptor stays the caller's.
    public static func open(to descriptor: Int32) throws(ArchiveError) -> ArchiveWriter {
        ArchiveWriter(tree: try TreeWriter.open(compressed: descriptor))
    }

    /// Begins a file of exactly `size` bytes, which are written next.
    public func begin(_ name: String, size: Int64, modified: Timestamp) throws(ArchiveError) {
        try tree.begin(TreeMember(name: name, kind: .file(size: size), mode: 0o600, modified: modified))
    }

    public func write(_ bytes: ArraySlice<UInt8>) throws(ArchiveError) { try tree.write(bytes) }

    /// Writes the archive's end.
    public consuming func finish() throws(ArchiveError) { try tree.finish() }
}
