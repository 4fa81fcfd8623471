public import Databases

/// One of the things that every implementation of ``Database`` must do.
public struct Clause: Sendable, CustomStringConvertible {
    public let description: String
    /// Gets an empty database, and throws where it finds the contract broken.
    public let run: @Sendable (any Database) async throws -> Void

    init(_ description: String, _ run: @escaping @Sendable (any Database) async throws -> Void) {
        self.description = description
        self.run = run
    }

    /// The whole contract.
    public static let all: [Clause] = values + statements + transactions + concurrency + migrations
}

/// The contract is broken.
public struct ContractViolation: Error, CustomStringConvertible {
    public let description: String
}

func expect(
    _ condition: Bool, _ what: @autoclosure () -> String, line: Int = #line, file: String = #fileID
) throws {
    guard condition else { throw ContractViolation(description: "\(file):\(line): \(what())") }
}

func expectEqual<Value: Equatable>(
    _ found: Value, _ expected: Value, line: Int = #line, file: String = #fileID
) throws {
    try expect(found == expected, "\(found) is not \(expected)", line: line, file: file)
}

/// Runs `body` and returns the kind of the database error it throws.
func failure<Value>(
    line: Int = #line, file: String = #fileID, _ body: () async throws -> Value
) async throws -> DatabaseError.Kind {
    do {
        _ = try await body()
    } catch let error as DatabaseError {
        return error.kind
    }
    throw ContractViolation(description: "\(file):\(line): nothing was thrown")
}
