import Arguments
import Core
import HTTPModel
import ObjectClients
import ObjectTransfers
import Terminal

/// `apollo blob stat`.
enum BlobStatCommand {
    private static let objects = Parameter.arguments(BlobCommand.object, help: "The objects.")

    private struct Fact: Sendable, Encodable {
        var name: String
        var value: String
    }

    private struct Description: Sendable, Encodable {
        var object: String
        var size: Int64
        var tag: String
        var modified: String
        var fields: [Fact]
    }

    static let command = Command(
        "stat", summary: "Say what is known of objects", parameters: [objects],
        examples: [Example("its size, type and metadata", "apollo blob stat s3://reports/2026/11.csv")]
    ) { invocation in
        let session = try Session(invocation)
        let found = try await session.withObjects(invocation) { client in
            var found: [Description] = []
            for object in invocation[objects] {
                let known = try await client.describe(object.bucket, object.key)
                found.append(
                    Description(
                        object: object.text, size: known.size, tag: known.tag, modified: known.modified,
                        fields: known.fields.lines.map { Fact(name: $0.name.lowercased(), value: $0.value) }))
            }
            return found
        }
        if session.format == .json {
            try session.output.writeJSON(found)
            return .success
        }
        for known in found {
            var text = "\(known.object.printable)\n"
            var facts = [("size", "\(known.size)"), ("tag", known.tag), ("modified", known.modified)]
            facts += known.fields.map { ($0.name, $0.value) }
            for (name, value) in facts { text += "  \(name): \(value.printable)\n" }
            try session.output.write(text)
        }
        return .success
    }
}
