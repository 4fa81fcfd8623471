public import Core
import FoundationEssentials

/// Turns documents into values: reads them, checks them against the type's schema, fills in defaults, decodes.
///
/// Errors are of kind `invalid` and name every field at fault, with its place in the file where there is one.
public struct DocumentDecoder: Sendable {
    /// How JSON is read.
    public var reader: JSONReader
    /// The most fields an error names.
    public var maximumViolations: Int

    public init(reader: JSONReader = JSONReader(), maximumViolations: Int = 32) {
        self.reader = reader
        self.maximumViolations = maximumViolations
    }

    /// Decodes a JSON text. `subject` is what it is called in errors, such as `the request body`.
    public func decode<Value: Decodable & SchemaProviding>(
        _ type: Value.Type = Value.self, from json: [UInt8], of subject: String = "the document"
    ) throws(ApolloError) -> Value {
        try decode(type, from: read(json, of: subject), of: subject)
    }

    /// Decodes a document that is read already.
    public func decode<Value: Decodable & SchemaProviding>(
        _ type: Value.Type = Value.self, from document: Document, of subject: String = "the document"
    ) throws(ApolloError) -> Value {
        let value = try check(document, against: Value.schema, of: subject)
        do {
            return try JSONDecoder().decode(Value.self, from: Data(JSONWriter.bytes(of: value)))
        } catch {
            throw Self.refusal(error, document, subject)
        }
    }

    /// Reads a JSON text into a document.
    public func read(_ json: [UInt8], of subject: String = "the document") throws(ApolloError) -> Document {
        do {
            return Document(try reader.read(json))
        } catch {
            throw ApolloError(
                .invalid, "\(subject) cannot be read: \(error)",
                fields: [FieldError(path: "", message: "\(error)")])
        }
    }

    /// The document's value with defaults filled in, or an error that names what the schema does not allow.
    public func check(
        _ document: Document, against schema: Schema, of subject: String = "the document"
    ) throws(ApolloError) -> JSONValue {
        let outcome = schema.check(document, limit: maximumViolations)
        guard !outcome.violations.isEmpty else { return outcome.value }
        throw Self.refusal(outcome.violations, document, subject)
    }

    private static func refusal(
        _ violations: [Violation], _ document: Document, _ subject: String
    ) -> ApolloError {
        let fields = violations.map { violation in
            let place = document.place(violation.location).map { " (\($0))" } ?? ""
            return FieldError(path: violation.path.description, message: violation.message + place)
        }
        let count = fields.count == 1 ? "one thing is" : "\(fields.count) things are"
        return ApolloError(.invalid, "\(count) wrong in \(subject)", fields: fields)
    }

    /// What the schema allowed and the type still refuses.
    private static func refusal(
        _ error: any Error, _ document: Document, _ subject: String
    ) -> ApolloError {
        let context: DecodingError.Context
        switch error {
        case DecodingError.dataCorrupted(let found), DecodingError.typeMismatch(_, let found),
            DecodingError.valueNotFound(_, let found), DecodingError.keyNotFound(_, let found):
            context = found
        default:
            return ApolloError(.invalid, "\(subject) cannot be decoded: \(error)")
        }
        let path = DocumentPath(
            context.codingPath.map { key in
                key.intValue.map { DocumentPath.Step.index($0) } ?? .key(key.stringValue)
            })
        // Foundation's word for a number that its type cannot hold; the text it decodes is our own, and well-formed.
        let isNumber = context.codingPath.isEmpty && context.debugDescription.hasSuffix("not valid JSON.")
        let message = isNumber ? "a number is outside what is possible here" : context.debugDescription
        let violation = Violation(path: path, message: message, location: document.location(of: path))
        return refusal([violation], document, subject)
    }
}
