import Core
import HTTPModel
import HTTPRouting
import Identity

/// Ends streams whose caller's token is revoked or expires meanwhile: at the next thing written, which is a sign of life
/// after 15 seconds at the latest.
struct RevocableStreams: Sendable {
    let access: AccessControl
    let clock: any WallClock
    let credential: @Sendable (HTTPRequest, Timestamp) throws -> Credential?

    var middleware: Middleware {
        Middleware { request, info, next in
            var response = await next(request, info)
            guard case .stream(let length, let produce) = response.body, !info.isOpen else { return response }
            do {
                guard let credential = try credential(request, clock.now) else { return response }
                response.body = .stream(length: length) { [access, clock] writer in
                    try await produce(
                        CheckedWriter(writer: writer, access: access, clock: clock, credential: credential))
                }
                return response
            } catch {
                return HTTPProblem(describing: error).response(requestID: info.requestID)
            }
        }
    }

    private struct CheckedWriter: HTTPBodyWriter {
        let writer: any HTTPBodyWriter
        let access: AccessControl
        let clock: any WallClock
        let credential: Credential

        func write(_ bytes: [UInt8]) async throws {
            guard access.isValid(credential, at: clock.now) else {
                throw ApolloError(
                    .unauthenticated, "the token of \(credential.principal) is not good any more",
                    hint: "log in again")
            }
            try await writer.write(bytes)
        }
    }
}
