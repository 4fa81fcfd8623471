import Core
import HTTPClients
import HTTPModel

/// The body of an answer as it comes; what breaks it off is told as everyone's error.
public struct AnswerBody: Sendable {
    let reader: any HTTPBodyReader
    /// Who answers.
    let address: String

    public func next() async throws -> [UInt8]? { try await told { try await reader.next() } }

    public func collect(upTo limit: Int) async throws -> [UInt8] {
        try await told { try await reader.collect(upTo: limit) }
    }

    private func told<Result>(_ read: () async throws -> Result) async throws -> Result {
        do {
            return try await read()
        } catch let error as HTTPClientError {
            var failure = error.asApolloError
            if failure.kind == .unavailable {
                failure.message = "the platform at \(address) is gone: \(failure.message)"
                failure.hint = "tasks run on; start it again with 'apollo up', then ask again"
            }
            throw failure
        }
    }
}
