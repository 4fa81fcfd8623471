/// Why bytes are no JSON text that is accepted.
public struct JSONError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What is wrong, such as `the key 'image' is there twice`.
    public var problem: String
    /// Where, as far as it is known.
    public var location: SourceLocation?

    init(_ problem: String, location: SourceLocation? = nil) {
        self.problem = problem
        self.location = location
    }

    init(_ problem: String, at offset: Int, in bytes: ArraySlice<UInt8>) {
        self.init(problem, location: SourceLocation(of: offset, in: bytes))
    }

    public var description: String {
        guard let location else { return problem }
        return "\(problem) (line \(location.line), column \(location.column))"
    }
}
