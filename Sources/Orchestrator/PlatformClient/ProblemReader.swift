import Core
import FoundationEssentials
import HTTPModel

/// Turns problem details (RFC 9457) back into the error they came from.
enum ProblemReader {
    private struct Problem: Decodable {
        var title: String?
        var detail: String?
        var kind: ErrorKind?
        var hint: String?
        var errors: [FieldError]?
    }

    static func error(status: HTTPStatus, body: [UInt8]) -> ApolloError {
        guard let problem = try? JSONDecoder().decode(Problem.self, from: Data(body)) else {
            // Not ours: a proxy, or another server on this port. The status is all there is.
            return ApolloError(
                kind(of: status), "the server answered \(status)", hint: "is it an Apollo platform?")
        }
        return ApolloError(
            problem.kind ?? kind(of: status), problem.detail ?? problem.title ?? status.description,
            hint: problem.hint, fields: problem.errors ?? [])
    }

    private static func kind(of status: HTTPStatus) -> ErrorKind {
        ErrorKind.allCases.first { $0.httpStatus == status.rawValue } ?? (status.rawValue < 500 ? .invalid : .internal)
    }
}
