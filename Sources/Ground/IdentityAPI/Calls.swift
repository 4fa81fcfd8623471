import APIServers
import AccountServices
import Core
import Documents
import HTTPModel
import HTTPRouting
import Identity
import IdentityDecisions

/// The parameters that several routes have.
enum Parameters {
    static let project = Parameter<String>.query(
        "project", "The project it is about.", schema: .string(.name), default: "default")
    static let user = Parameter<String>.path("user", "The user's name.", schema: .string(.name))
    static let role = Parameter<String>.path("role", "The role's name.", schema: .string(.name))
}

extension Call<Caller> {
    /// The key under which the request may be sent again; of one caller, it gives away nothing of another's.
    func idempotencyKey() throws -> String? {
        guard let key = request.fields["Idempotency-Key"] else { return nil }
        guard (1...128).contains(key.utf8.count), key.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            throw ApolloError(
                .invalid, "the Idempotency-Key is not usable", hint: "send 1 to 128 visible ASCII characters")
        }
        return "\(context.name) \(key)"
    }

    func requirePeople(_ level: Permission) async throws {
        try await context.require(Caller.Permission(level, DirectoryCore.people))
    }
}

/// A login's refusal, as HTTP tells it.
func answering<Result>(_ body: () async throws -> Result) async throws -> Result {
    do {
        return try await body()
    } catch let refusal as LoginRefusal {
        guard case .tooOften(let wait) = refusal else { throw refusal.asApolloError }
        var problem = HTTPProblem(refusal.asApolloError)
        problem.fields = HTTPFields(["Retry-After": "\(max(1, wait.wholeSeconds))"])
        throw problem
    }
}

/// Reads a level.
func permission(_ text: String) throws -> Permission {
    guard let level = Permission(rawValue: text) else {
        throw ApolloError(
            .invalid, "'\(text.prefix(40))' is no permission", hint: "deny, list, read, write, manage")
    }
    return level
}

/// Reads the URI in the body's field `field`.
func resource(_ text: String, field: String) throws -> ResourceURI {
    do {
        return try ResourceURI(parsing: text)
    } catch {
        throw ApolloError(
            .invalid, error.message, hint: error.hint,
            fields: [FieldError(path: field, message: error.message)])
    }
}

/// Has the audit record say whose account was tried. What is no name says nothing of itself: it may be a password.
func noteLogin(_ name: String) {
    if StringFormat.name.accepts(name) { AuditNote.note(resource: "user://local/\(name)") }
}
