/// One thing in a document that its schema does not allow.
public struct Violation: Hashable, Sendable {
    public var path: DocumentPath
    /// What would be right, such as `must be between 1 and 65535`.
    public var message: String
    /// Where it is, in formats that have places.
    public var location: SourceLocation?

    public init(path: DocumentPath, message: String, location: SourceLocation? = nil) {
        self.path = path
        self.message = message
        self.location = location
    }
}
