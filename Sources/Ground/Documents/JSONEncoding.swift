public import Core
import FoundationEssentials

extension JSONWriter {
    /// The JSON text of anything encodable, members sorted by their keys.
    public static func bytes(encoding value: some Encodable) throws(ApolloError) -> [UInt8] {
        try bytes(encoding: value, sorted: true)
    }

    /// The same with members as the type encodes them, for hot paths; those of dictionaries are sorted.
    public static func bytes(encodingInOrder value: some Encodable) throws(ApolloError) -> [UInt8] {
        try bytes(encoding: value, sorted: false)
    }

    private static func bytes(encoding value: some Encodable, sorted: Bool) throws(ApolloError) -> [UInt8] {
        let sink = JSONStreamEncoder.Sink(sortsAll: sorted)
        do {
            try sink.encode(value)
        } catch {
            throw ApolloError(.internal, "a \(type(of: value)) cannot be written as JSON: \(error)")
        }
        return sink.writer.bytes
    }

    /// The same, laid out for people: a member or element a line, keys sorted, slashes as they are. By Foundation's encoder.
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
