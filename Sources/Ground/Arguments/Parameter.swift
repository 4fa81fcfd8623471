/// A typed key for one option, flag or argument of a command: declares it, and reads its value from an ``Invocation``.
///
/// Declare each once, list it in its ``Command``, and read it with the same constant, so that neither its name nor its
/// type can be mistaken:
///
///     static let memory = Parameter.option("memory", .byteCount, help: "The most memory it may use.")
///     …
///     let limit: ByteCount? = invocation[Self.memory]
public struct Parameter<Value: Sendable>: Sendable, CommandParameter {
    public let declaration: ParameterDeclaration
    let read: @Sendable ([Occurrence]) throws(ParameterFault) -> Value

    init(
        _ declaration: ParameterDeclaration,
        read: @escaping @Sendable ([Occurrence]) throws(ParameterFault) -> Value
    ) {
        self.declaration = declaration
        self.read = read
    }

    public func value(of occurrences: [Occurrence]) throws(ParameterFault) -> any Sendable {
        try read(occurrences)
    }
}

/// A ``Parameter`` of any type: what a ``Command`` lists.
public protocol CommandParameter: Sendable {
    var declaration: ParameterDeclaration { get }
    /// The value that the occurrences on the line make, in their order.
    func value(of occurrences: [Occurrence]) throws(ParameterFault) -> any Sendable
}

/// What help, the parser and the completion know of a parameter.
public struct ParameterDeclaration: Sendable {
    public enum Kind: Hashable, Sendable {
        /// `--name VALUE`
        case option
        /// `--name`, and `--no-name` too where `negatable`.
        case flag(negatable: Bool)
        /// A word by its place.
        case argument
        /// Every word that is left, by its place.
        case arguments
        /// Every word that is left, raw: from the first on nothing is read as an option any more.
        case rest
    }

    /// `image` for `--image`; for arguments the placeholder, such as `NAME`.
    public let name: String
    /// The letter after a single dash, if any.
    public let short: Character?
    public let kind: Kind
    /// The word for the value in help; empty for flags.
    public let placeholder: String
    /// What it means, in a sentence or a few.
    public let help: String
    public let isRequired: Bool
    public let isRepeated: Bool
    /// The value that holds where none is given, as help shows it.
    public let defaultText: String?
    /// The values allowed, where they can be counted.
    public let choices: [String]
    public let completion: Completion
    /// Neither in help nor in completions.
    public let isHidden: Bool

    /// Whether it has a dash before it.
    public var isOption: Bool {
        switch kind {
        case .option, .flag: true
        case .argument, .arguments, .rest: false
        }
    }

    /// How the user writes it: `--image`, `NAME`.
    public var spelling: String { isOption ? "--\(name)" : placeholder }
}

/// One time that a parameter stands on the line.
public enum Occurrence: Hashable, Sendable {
    case value(String)
    case on
    case off

    var text: String {
        switch self {
        case .value(let text): text
        case .on: "true"
        case .off: "false"
        }
    }
}

/// Why the occurrences of a parameter make no value.
public enum ParameterFault: Error, Hashable, Sendable {
    case missing
    /// Given more than once, where once is meant.
    case repeated
    /// `text` is not what is expected.
    case wrong(text: String, expectation: String)
}
