public import ClusterModel
public import Core
public import TaskRuntimes

/// A runtime under test, and how to say things to it.
public struct ContractSubject: Sendable {
    /// What a runtime, on this machine, can be asked to show.
    public struct Abilities: OptionSet, Sendable {
        public let rawValue: Int
        public init(rawValue: Int) { self.rawValue = rawValue }

        /// A memory limit is enforced.
        public static let memoryLimit = Abilities(rawValue: 1)
        /// A port of the node can be given to an attempt.
        public static let ports = Abilities(rawValue: 2)
        /// The first process of an attempt can send itself a deadly signal (that of a container cannot).
        public static let selfSignal = Abilities(rawValue: 4)
        /// A directory of the host can be mounted.
        public static let mounts = Abilities(rawValue: 8)
    }

    public var abilities: Abilities
    public var environment: Environment
    /// Makes one more runtime over the same state, as a new Apollo does after a restart. The ones made before are
    /// still used, but only to clean up.
    public var makeRuntime: @Sendable () async throws -> any TaskRuntime
    /// The specification that runs `script` with a POSIX shell and the commands of busybox. Words appended to its
    /// `command` are `$0`, `$1` and so on.
    public var shell: @Sendable (_ script: String) -> TaskSpec
    /// A specification whose command does not exist.
    public var missingCommand: TaskSpec

    public init(
        abilities: Abilities, environment: Environment, missingCommand: TaskSpec,
        shell: @escaping @Sendable (_ script: String) -> TaskSpec,
        makeRuntime: @escaping @Sendable () async throws -> any TaskRuntime
    ) {
        self.abilities = abilities
        self.environment = environment
        self.missingCommand = missingCommand
        self.shell = shell
        self.makeRuntime = makeRuntime
    }
}

/// A clause of the contract that a runtime does not keep.
public struct ContractViolation: Error, CustomStringConvertible {
    public var message: String
    public var file: String
    public var line: Int

    public var description: String { "\(message) (\(file):\(line))" }
}

/// Throws unless `condition` holds.
func require(
    _ condition: Bool, _ message: @autoclosure () -> String, file: String = #fileID, line: Int = #line
) throws {
    guard condition else { throw ContractViolation(message: message(), file: file, line: line) }
}

/// Throws unless the two are equal, and says both.
func requireEqual<Value: Equatable>(
    _ found: Value, _ expected: Value, _ what: String, file: String = #fileID, line: Int = #line
) throws {
    try require(found == expected, "\(what): found \(found), expected \(expected)", file: file, line: line)
}
