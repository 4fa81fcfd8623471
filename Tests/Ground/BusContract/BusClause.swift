public import Buses
import Concurrency
import Core

/// One of the things that every implementation of ``Bus`` must do.
public struct BusClause: Sendable, CustomStringConvertible {
    public let description: String
    /// Gets a bus that nobody else uses, and throws where it finds the contract broken.
    public let run: @Sendable (any Bus) async throws -> Void

    init(_ description: String, _ run: @escaping @Sendable (any Bus) async throws -> Void) {
        self.description = description
        self.run = { bus in
            try await withDeadline(.seconds(30), clock: LiveClock(), of: "'\(description)'") {
                try await run(bus)
            }
        }
    }

    /// The whole contract.
    public static let all: [BusClause] = delivery + slowness + requests
}

/// The contract is broken.
public struct BusContractViolation: Error, CustomStringConvertible {
    public let description: String
}

func expectEqual<Value: Equatable>(
    _ found: Value, _ expected: Value, line: Int = #line, file: String = #fileID
) throws {
    guard found == expected else {
        throw BusContractViolation(description: "\(file):\(line): \(found) is not \(expected)")
    }
}

func subject(_ text: String) -> Subject { Subject(parsing: text)! }

func pattern(_ text: String) -> SubjectPattern { SubjectPattern(parsing: text)! }

extension BusSubscription {
    /// The next `count` payloads, as texts.
    func texts(_ count: Int) async throws -> [String] {
        var texts: [String] = []
        while texts.count < count, let batch = try await nextBatch() {
            texts += batch.messages.map { String(decoding: $0.payload, as: UTF8.self) }
        }
        return texts
    }
}

extension Bus {
    func say(_ text: String, on name: String) throws { try publish(subject(name), Array(text.utf8)) }
}
