public import ObjectModel

/// Which pages of the web may use a bucket.
public enum CORSDocument {
    public static func document(_ rules: [CORSRule]) -> [UInt8] {
        var writer = XMLWriter()
        writer.element("CORSConfiguration", namespace: XMLWriter.namespace) { writer in
            for rule in rules {
                writer.element("CORSRule") { writer in
                    writer.element("ID", optional: rule.id)
                    for (name, values) in [
                        ("AllowedOrigin", rule.origins), ("AllowedMethod", rule.methods),
                        ("AllowedHeader", rule.headers), ("ExposeHeader", rule.exposed),
                    ] {
                        for value in values { writer.element(name, value) }
                    }
                    if let age = rule.maximumAge { writer.element("MaxAgeSeconds", Int64(age)) }
                }
            }
        }
        return writer.bytes
    }

    public static func read(_ bytes: [UInt8]) throws(S3Error) -> [CORSRule] {
        let nodes = try RequestDocument.read(bytes, "CORSConfiguration").all("CORSRule")
        guard (1...CORSRule.maximum).contains(nodes.count) else { throw RequestDocument.malformed }
        var rules: [CORSRule] = []
        for node in nodes { rules.append(try rule(node)) }
        return rules
    }

    private static func rule(_ node: XMLNode) throws(S3Error) -> CORSRule {
        let texts = { (name: String) in node.all(name).map(\.text) }
        let rule = CORSRule(
            id: node["ID"]?.text, origins: texts("AllowedOrigin"), methods: texts("AllowedMethod"),
            headers: texts("AllowedHeader"), exposed: texts("ExposeHeader"),
            maximumAge: node["MaxAgeSeconds"].flatMap { Int($0.text) })
        guard !rule.origins.isEmpty, !rule.methods.isEmpty else { throw RequestDocument.malformed }
        for method in rule.methods where !CORSRule.methods.contains(method) {
            throw S3Error(
                .invalidRequest,
                "Found unsupported HTTP method in CORS config. Unsupported method is \(method.prefix(40))")
        }
        for pattern in rule.origins + rule.headers
        where pattern.utf8.count(where: { $0 == UInt8(ascii: "*") }) > 1 {
            throw S3Error(
                .invalidRequest, "'\(pattern.prefix(80))' can not have more than one wildcard.")
        }
        // They stand in fields of answers.
        for text in rule.exposed + rule.origins where !text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) {
            throw S3Error(.invalidRequest, "'\(text.prefix(80))' cannot be sent in a field.")
        }
        return rule
    }
}
