import Core
import Documents
import HTTPModel

/// The parameters of one route, ready to be read from requests.
struct ParameterReading: Sendable {
    let declarations: [ParameterDeclaration]
    /// The values of a request that gives none, in the order of the declarations.
    private let absent: [JSONValue]
    private let hasRequiredQuery: Bool

    init(_ declarations: [ParameterDeclaration]) {
        self.declarations = declarations
        absent = declarations.map { $0.place == .path ? .null : $0.absentValue }
        hasRequiredQuery = declarations.contains { $0.place == .query && $0.isRequired }
    }

    /// The values in the order of the declarations, or a problem that names each parameter at fault. The captures are
    /// those of the path parameters, which come first among the declarations and in the order of the path.
    func read(
        captures: [String], query: [RequestTarget.QueryItem]
    ) throws(HTTPProblem) -> [JSONValue] {
        var values = absent
        var errors: [FieldError] = []
        for (index, text) in captures.enumerated() {
            values[index] = Self.value(of: [text], declarations[index], &errors)
        }
        if !query.isEmpty || hasRequiredQuery { readQuery(query, &values, &errors) }
        guard errors.isEmpty else {
            let names = errors.map(\.path).joined(separator: ", ")
            throw HTTPProblem(
                .badRequest, .invalid, "wrong \(errors.count == 1 ? "parameter" : "parameters"): \(names)",
                errors: errors)
        }
        return values
    }

    private func readQuery(
        _ query: [RequestTarget.QueryItem], _ values: inout [JSONValue], _ errors: inout [FieldError]
    ) {
        var given = [[String]](repeating: [], count: declarations.count)
        for item in query {
            let index = declarations.firstIndex { $0.place == .query && $0.name == item.name }
            guard let index else {
                if errors.count < 32 { errors.append(unknown(item.name)) }
                continue
            }
            given[index].append(item.value)
        }
        for (index, declaration) in declarations.enumerated() where declaration.place == .query {
            if !given[index].isEmpty {
                values[index] = Self.value(of: given[index], declaration, &errors)
            } else if declaration.isRequired {
                errors.append(FieldError(path: declaration.name, message: "is required"))
            }
        }
    }

    private func unknown(_ name: String) -> FieldError {
        let names = declarations.filter { $0.place == .query }.map(\.name)
        let message =
            if let near = nearestName(to: name, among: names) {
                "there is no such query parameter; did you mean '\(near)'?"
            } else if names.isEmpty {
                "there is no such query parameter; this route has none"
            } else {
                "there is no such query parameter; there are \(names.joined(separator: ", "))"
            }
        return FieldError(path: String(name.prefix(64)), message: message)
    }

    private static func value(
        of texts: [String], _ declaration: ParameterDeclaration, _ errors: inout [FieldError]
    ) -> JSONValue {
        let raw: JSONValue
        if case .array(let items, _) = declaration.schema.kind {
            raw = .array(texts.map { json($0, items) })
        } else if texts.count == 1 {
            raw = json(texts[0], declaration.schema)
        } else {
            errors.append(FieldError(path: declaration.name, message: "must be given once"))
            return .null
        }
        let outcome = declaration.schema.check(Document(raw))
        for violation in outcome.violations where errors.count < 32 {
            let message = violation.message.replacing(", not a string", with: "")
            errors.append(FieldError(path: declaration.name, message: message))
        }
        return outcome.value
    }

    /// What a text means where `schema` is expected; a text that means nothing there stays one, and is refused.
    private static func json(_ text: String, _ schema: Schema) -> JSONValue {
        switch schema.kind {
        case .boolean: text == "true" ? true : text == "false" ? false : .string(text)
        case .integer, .byteCount: Int64(text).map { .integer($0) } ?? .string(text)
        case .number, .seconds:
            Double(text).flatMap { $0.isFinite ? .number($0) : nil } ?? .string(text)
        case .reference(_, let resolve): json(text, resolve())
        default: .string(text)
        }
    }
}
