/// A C library that Apollo is linked with: the version it was built against, and the one that it runs on.
public struct LibraryVersion: Hashable, Sendable {
    public var name: String
    public var built: String
    public var running: String

    public init(name: String, built: String, running: String) {
        self.name = name
        self.built = built
        self.running = running
    }
}
