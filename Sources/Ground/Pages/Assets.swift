import Cryptography
public import HTML
public import HTTPModel

/// A file of the pages, kept in the program. Its address has a hash of its content, so that browsers keep it for ever and a
/// newer program's is another.
public struct Asset: Sendable {
    let content: [UInt8]
    let type: String
    let name: String
    public let path: SitePath

    init(_ stem: String, _ ending: String, type: String, _ text: String) {
        content = Array(text.utf8)
        self.type = type
        let hash = Hex.encode(Array(SHA256.hash(text).bytes.prefix(8)))
        name = "\(stem).\(hash).\(ending)"
        path = SitePath(segments: ["assets", name])
    }
}

/// The files that all pages use.
public enum Assets {
    public static let style = Asset("style", "css", type: "text/css; charset=utf-8", styleText)
    public static let script = Asset("script", "js", type: "text/javascript; charset=utf-8", scriptText)
    public static let icon = Asset("icon", "svg", type: "image/svg+xml", iconText)

    /// The file of this name, or nil.
    public static func response(for name: String) -> HTTPResponse? {
        guard let asset = [style, script, icon].first(where: { $0.name == name }) else { return nil }
        return HTTPResponse(
            .ok,
            fields: HTTPFields([
                "Content-Type": asset.type, "Cache-Control": "public, max-age=31536000, immutable",
                "X-Content-Type-Options": "nosniff",
            ]), body: .bytes(asset.content))
    }

    private static let iconText = """
        <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="7" fill="#2f5d50"/>\
        <path d="M16 6l9 20h-4.4l-1.8-4.3h-5.6L11.4 26H7zm0 7.5L14.6 18h2.8z" fill="#f4f1ea"/></svg>
        """
}
