// Made by protoc-gen-apollo of other.proto, which is what to change; scripts/protoc makes it anew.
// swift-format-ignore-file

public import Protobuf

/// `apollo.samples.other.Elsewhere`.
public struct Elsewhere: ProtobufMessage {
    public static var protobufName: String { "apollo.samples.other.Elsewhere" }

    public var place: String = ""
    /// Fields that this type does not have.
    public var unknownFields = ProtobufUnknownFields()

    public init() {}

    public init(place: String = "") {
        self.place = place
    }

    public mutating func merge(from reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 10: self.place = try reader.string()
            default: try reader.keep(tag, in: &unknownFields)
            }
        }
    }

    public func write(to writer: inout ProtobufWriter) {
        writer.unknown(unknownFields)
        if !self.place.isEmpty { writer.string(1, self.place) }
    }
}

extension ProtobufFile {
    /// `other.proto`.
    public static let other = ProtobufFile(
        name: "other.proto",
        dependencies: [],
        symbols: [
            "apollo.samples.other.Elsewhere",
        ],
        descriptor: """
            CgtvdGhlci5wcm90bxIUYXBvbGxvLnNhbXBsZXMub3RoZXIiIQoJRWxzZXdoZXJlEhQKBXBsYWNlGAEgASgJUgVwbGFjZWIG
            cHJvdG8z
            """)
}
