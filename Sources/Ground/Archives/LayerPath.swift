/// Where something of a layer goes. What is in a layer is a stranger's.
public struct LayerPath: Hashable, Sendable {
    /// Without empty parts and dots; none for the root itself.
    public var parts: [Substring]

    public init(_ text: String) throws(ArchiveError) {
        parts = text.split(separator: "/").filter { $0 != "." }
        guard !parts.contains("..") else { throw ArchiveError("'\(text)' leads out of the layer") }
        guard parts.allSatisfy({ $0.utf8.count <= 255 }), parts.count <= 256, text.utf8.count <= 4096 else {
            throw ArchiveError("'\(text.prefix(80))…' is longer than a path may be")
        }
    }

    public var name: Substring? { parts.last }
    public var parent: ArraySlice<Substring> { parts.dropLast() }
    /// Empty for the root.
    public var text: String { parts.joined(separator: "/") }

    /// What a layer says by a name of its own (OCI image specification, "Whiteouts"): nil for all other names.
    public var whiteout: Whiteout? {
        get throws(ArchiveError) {
            guard let name, name.hasPrefix(".wh.") else { return nil }
            if name == ".wh..wh..opq" { return .opaque }
            // What the file system of old, aufs, kept for itself.
            if name.hasPrefix(".wh..wh.") { return .nothing }
            let hidden = name.dropFirst(4)
            guard !hidden.isEmpty, hidden != ".", hidden != ".." else {
                throw ArchiveError("'\(name)' takes nothing away")
            }
            return .hides(String(hidden))
        }
    }

    public enum Whiteout: Hashable, Sendable {
        /// All that lower layers have in this directory.
        case opaque
        /// What lower layers have in this directory by this name.
        case hides(String)
        case nothing
    }
}
