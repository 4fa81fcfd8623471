public import Core
public import Documents
import FoundationEssentials

/// A secret as it crosses the wire: as text, or in base 64 where it is none.
public struct SecretContent: Hashable, Sendable, Codable {
    /// The most bytes of a secret.
    public static let limit = 1 << 20

    public var text: String?
    public var base64: String?

    public init(_ secret: SecretBytes) {
        if let text = secret.text {
            self.text = text
        } else {
            base64 = Data(secret.bytes).base64EncodedString()
        }
    }

    /// The secret.
    ///
    /// - Throws: ``ApolloError`` of kind `invalid` unless there is exactly one of both, of 1 byte to 1 MiB.
    public func secret() throws(ApolloError) -> SecretBytes {
        let bytes: [UInt8]
        switch (text, base64) {
        case (let text?, nil): bytes = Array(text.utf8)
        case (nil, let base64?):
            guard let data = Data(base64Encoded: base64) else {
                throw Self.fault("base64", "must be base 64 (RFC 4648, section 4) with its padding")
            }
            bytes = Array(data)
        case (nil, nil):
            throw Self.fault("text", "give the secret as 'text', or as 'base64' where it is none")
        case (_?, _?): throw Self.fault("base64", "excludes 'text'")
        }
        guard (1...Self.limit).contains(bytes.count) else {
            throw Self.fault(
                text == nil ? "base64" : "text", "must have 1 byte to 1 MiB; this has \(bytes.count)")
        }
        return SecretBytes(bytes)
    }

    private static func fault(_ path: String, _ message: String) -> ApolloError {
        ApolloError(.invalid, "the secret is wrong", fields: [FieldError(path: path, message: message)])
    }
}

extension SecretContent: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String { "…" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}

extension SecretContent: SchemaProviding {
    static let properties: [Schema.Property] = [
        .optional("text", .string, "The secret, where it is text."),
        .optional("base64", .string, "The secret in base 64, where it is not."),
    ]

    public static var schema: Schema {
        .object("A secret of 1 byte to 1 MiB: 'text' or 'base64'.", properties)
    }
}

/// A secret and which version of it that is.
public struct SecretValue: Sendable, Codable {
    public var name: String
    public var version: Int64
    public var value: SecretContent

    public init(name: String, version: Int64, value: SecretContent) {
        self.name = name
        self.version = version
        self.value = value
    }
}

extension SecretValue: SchemaProviding {
    public static var schema: Schema {
        .object(
            "A secret and which version of it this is.",
            [
                .required("name", .string(.name)), .required("version", .integer(1...)),
                .required("value", .of(SecretContent.self)),
            ])
    }
}
