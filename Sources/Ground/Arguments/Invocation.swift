/// A command line, read: the command it names and the values of its parameters.
public struct Invocation: Sendable {
    public let command: Command
    /// The names of the commands on the line, the program's first: `["apollo", "task", "run"]`.
    public let path: [String]
    let usageLine: String
    private let values: [String: any Sendable]
    private let given: Set<String>

    init(chain: [Command], values: [String: any Sendable], given: Set<String>) {
        command = chain[chain.count - 1]
        path = chain.map(\.name)
        usageLine = HelpRenderer(chain: chain).usageLine() + "\n"
        self.values = values
        self.given = given
    }

    /// The value of a parameter that the command, or a group above it, lists.
    public subscript<Value>(_ parameter: Parameter<Value>) -> Value {
        let name = parameter.declaration.name
        guard let value = values[name] else {
            preconditionFailure("'\(path.joined(separator: " "))' reads '\(name)' but does not list it")
        }
        guard let value = value as? Value else {
            preconditionFailure("'\(path.joined(separator: " "))' lists another parameter called '\(name)'")
        }
        return value
    }

    /// Whether the parameter stands on the line, rather than having its default.
    public func isGiven<Value>(_ parameter: Parameter<Value>) -> Bool {
        given.contains(parameter.declaration.name)
    }

    /// The command as one writes it: `apollo task run`.
    public var name: String { path.joined(separator: " ") }
}
