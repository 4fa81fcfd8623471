import FoundationEssentials

extension JSONReader {
    /// Reads a value that this program, or one of the same version, has written: no schema, no defaults, no limits.
    /// What comes from outside goes through ``DocumentDecoder``.
    ///
    /// - Throws: `DecodingError`, which names the field.
    public static func decode<Value: Decodable>(
        _ type: Value.Type = Value.self, from json: some Sequence<UInt8>
    ) throws -> Value {
        try JSONDecoder().decode(type, from: Data(json))
    }
}
