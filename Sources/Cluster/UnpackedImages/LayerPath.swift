/// Where something of a layer goes. What is in a layer is a stranger's.
struct LayerPath: Hashable {
    /// Without empty parts and dots; none for the root itself.
    var parts: [Substring]

    init(_ text: String) throws(LayerError) {
        parts = text.split(separator: "/").filter { $0 != "." }
        guard !parts.contains("..") else { throw .refused("'\(text)' leads out of the layer") }
        guard parts.allSatisfy({ $0.utf8.count <= 255 }), parts.count <= 256, text.utf8.count <= 4096 else {
            throw .refused("'\(text.prefix(80))…' is longer than a path may be")
        }
    }

    var name: Substring? { parts.last }
    var parent: ArraySlice<Substring> { parts.dropLast() }

    /// What the name means, where it is one of those that take something of a lower layer away (OCI image specification,
    /// "Whiteouts").
    var whiteout: Whiteout? {
        get throws(LayerError) {
            guard let name, name.hasPrefix(".wh.") else { return nil }
            if name == ".wh..wh..opq" { return .opaque }
            // What the file system of old, aufs, kept for itself.
            if name.hasPrefix(".wh..wh.") { return .nothing }
            let hidden = name.dropFirst(4)
            guard !hidden.isEmpty, hidden != ".", hidden != ".." else {
                throw .refused("'\(name)' takes nothing away")
            }
            return .hides(String(hidden))
        }
    }

    enum Whiteout: Hashable {
        /// All that lower layers have in this directory.
        case opaque
        /// What lower layers have by this name.
        case hides(String)
        case nothing
    }
}
