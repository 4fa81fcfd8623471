public import Core
import FoundationEssentials

extension JSONWriter {
    /// The JSON text of anything encodable, by Foundation's encoder, with its keys sorted. At about 24 MB/s it does
    /// for the control plane; hot paths write with ``JSONWriter`` itself.
    public static func bytes(encoding value: some Encodable) throws(ApolloError) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do {
            return Array(try encoder.encode(value))
        } catch {
            throw ApolloError(.internal, "a \(type(of: value)) cannot be written as JSON: \(error)")
        }
    }

    /// The same, laid out for people: a member or element a line, keys sorted, slashes as they are.
    public static func prettyText(encoding value: some Encodable) throws(ApolloError) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        do {
            return String(decoding: try encoder.encode(value), as: UTF8.self)
        } catch {
            throw ApolloError(.internal, "a \(type(of: value)) cannot be written as JSON: \(error)")
        }
    }
}
