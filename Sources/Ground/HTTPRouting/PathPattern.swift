/// The path of a route: literal segments and parameters, as in `/api/v1/tasks/{id}`.
///
/// A last segment `{name...}` takes the rest of the path, at least one segment of it.
public struct PathPattern: Hashable, Sendable, CustomStringConvertible {
    public enum Segment: Hashable, Sendable {
        case literal(String)
        case parameter(String)
        case rest(String)
    }

    public let segments: [Segment]
    public let description: String

    /// Patterns are written in the source: a wrong one is a fault of the program.
    public init(_ text: String) {
        precondition(text.utf8.first == UInt8(ascii: "/"), "the pattern '\(text)' must start with '/'")
        precondition(text == "/" || !text.hasSuffix("/"), "the pattern '\(text)' must not end with '/'")
        description = text
        segments = text.split(separator: "/").map { part in
            guard part.hasPrefix("{"), part.hasSuffix("}") else {
                precondition(
                    !part.contains { "{}%".contains($0) }, "'\(part)' in the pattern '\(text)' is wrong")
                return .literal(String(part))
            }
            let name = part.dropFirst().dropLast()
            return name.hasSuffix("...") ? .rest(String(name.dropLast(3))) : .parameter(String(name))
        }
        precondition(
            !segments.dropLast().contains { if case .rest = $0 { true } else { false } },
            "only the last segment of '\(text)' may take the rest")
        precondition(Set(names).count == names.count, "the pattern '\(text)' has a parameter twice")
    }

    /// The parameters' names, from left to right.
    public var names: [String] {
        segments.compactMap { segment in
            switch segment {
            case .literal: nil
            case .parameter(let name), .rest(let name): name
            }
        }
    }

    /// The path as OpenAPI has it, which knows no parameter of more than one segment.
    var openAPI: String { description.replacing("...}", with: "}") }
}
