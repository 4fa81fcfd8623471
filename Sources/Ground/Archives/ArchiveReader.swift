/// Reads what ``ArchiveWriter`` wrote: files alone, nothing else is let through.
public struct ArchiveReader: ~Copyable {
    /// A file of the archive; its bytes are read next.
    public struct Member: Hashable, Sendable {
        public var name: String
        public var size: Int64
    }

    private let tree: TreeReader

    /// Reads from where the descriptor stands; it stays the caller's.
    public static func open(from descriptor: Int32) throws(ArchiveError) -> ArchiveReader {
        ArchiveReader(tree: try TreeReader.open(compressed: descriptor))
    }

    /// The next file; nil at the end.
    public func next() throws(ArchiveError) -> Member? {
        guard let member = try tree.next() else { return nil }
        guard case .file(let size) = member.kind else {
            throw ArchiveError("the archive holds something else than files")
        }
        return Member(name: member.name, size: size)
    }

    /// The next bytes of the file, at most `limit`; empty at its end.
    public func read(upTo limit: Int = 1 << 18) throws(ArchiveError) -> [UInt8] {
        try tree.read(upTo: limit)
    }
}
