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
}
