/// A value as it was written somewhere: with the name of its file and the places in it, where the format has them.
public struct Document: Hashable, Sendable {
    public var value: JSONValue
    /// The file's name, as messages show it; nil for what came over the network.
    public var file: String?
    /// Where each key starts, by the path of its value.
    public var keyLocations: [DocumentPath: SourceLocation]
    /// Where each value starts.
    public var valueLocations: [DocumentPath: SourceLocation]

    public init(
        _ value: JSONValue, file: String? = nil, keyLocations: [DocumentPath: SourceLocation] = [:],
        valueLocations: [DocumentPath: SourceLocation] = [:]
    ) {
        self.value = value
        self.file = file
        self.keyLocations = keyLocations
        self.valueLocations = valueLocations
    }

    /// The place of the value at `path`, or of the nearest one around it that is known.
    public func location(of path: DocumentPath) -> SourceLocation? {
        nearest(path) { valueLocations[$0] ?? keyLocations[$0] }
    }

    /// The place of the key whose value is at `path`, or of the nearest value around it that is known.
    public func keyLocation(of path: DocumentPath) -> SourceLocation? {
        nearest(path) { keyLocations[$0] ?? valueLocations[$0] }
    }

    private func nearest(
        _ path: DocumentPath, _ find: (DocumentPath) -> SourceLocation?
    ) -> SourceLocation? {
        guard !(keyLocations.isEmpty && valueLocations.isEmpty) else { return nil }
        var path = path
        while true {
            if let location = find(path) { return location }
            guard path.steps.popLast() != nil else { return nil }
        }
    }

    /// `file:line:column`, with as much of it as is known; nil when nothing is.
    func place(_ location: SourceLocation?) -> String? {
        switch (file, location) {
        case (let file?, let location?): "\(file):\(location)"
        case (let file?, nil): file
        case (nil, let location?): "line \(location.line), column \(location.column)"
        case (nil, nil): nil
        }
    }
}
