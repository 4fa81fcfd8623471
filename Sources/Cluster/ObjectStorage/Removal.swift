public import ObjectModel

/// What was removed, or made in its place.
public struct Removal: Hashable, Sendable {
    /// Nil where the bucket never kept versions.
    public var version: ObjectVersion?
    /// Whether what was made, or removed by its version, says that the object was removed.
    public var isMarker: Bool

    public init(version: ObjectVersion?, isMarker: Bool) {
        self.version = version
        self.isMarker = isMarker
    }
}
