/// The XML that requests have as their bodies.
enum RequestDocument {
    static let malformed = S3Error(
        .malformedXML,
        "The XML you provided was not well-formed or did not validate against our published schema")

    /// The element of a document that has to be called `name`.
    static func read(_ bytes: [UInt8], _ name: String) throws(S3Error) -> XMLNode {
        let root: XMLNode
        do throws(XMLError) { root = try XMLReader.read(bytes) } catch { throw malformed }
        guard root.name == name else { throw malformed }
        return root
    }
}
