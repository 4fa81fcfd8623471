/// Why no code is made of a file: what protoc shows, after the file's name.
public struct GeneratorError: Error, Hashable, Sendable, CustomStringConvertible {
    public var file: String
    public var problem: String

    public var description: String { file.isEmpty ? problem : "\(file): \(problem)" }
}
