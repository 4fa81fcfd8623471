public import Documents

/// Why bytes are no YAML that is accepted.
public struct YAMLError: Error, Hashable, Sendable {
    /// What is wrong, and where the format is often misread what is right, such as `the key 'image' stands twice`.
    public var problem: String
    /// Where, as far as it is known. Columns count characters.
    public var location: SourceLocation?
    /// The file's name; nil for what is in none.
    public var file: String?

    public init(_ problem: String, location: SourceLocation? = nil, file: String? = nil) {
        self.problem = problem
        self.location = location
        self.file = file
    }
}

extension YAMLError: CustomStringConvertible {
    /// `apollo.yaml:3:7: the key 'image' stands twice`
    public var description: String {
        switch (file, location) {
        case (let file?, let location?): "\(file):\(location): \(problem)"
        case (let file?, nil): "\(file): \(problem)"
        case (nil, let location?): "line \(location.line), column \(location.column): \(problem)"
        case (nil, nil): problem
        }
    }
}
