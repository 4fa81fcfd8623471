/// Why no container can be made of what a task asks for and its image says.
public enum BundleError: Error, Hashable, Sendable {
    /// Neither the task nor the image says what to run.
    case noCommand
    /// No such user, or no such group, in the image; or a text that names none.
    case unknownUser(String)
    case unknownGroup(String)
    /// A path that is not absolute: which field, and the path.
    case relativePath(field: String, path: String)
    /// A text with a zero byte, which the system cannot pass on: which field.
    case zeroByte(field: String)
}

extension BundleError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .noCommand: "neither the task nor its image says what to run"
        case .unknownUser(let name): "the image has no user '\(name)'"
        case .unknownGroup(let name): "the image has no group '\(name)'"
        case .relativePath(let field, let path): "\(field): '\(path)' is not absolute"
        case .zeroByte(let field): "\(field): a text contains a zero byte"
        }
    }
}
