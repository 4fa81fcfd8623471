/// Which pages of the web may use a bucket from a browser (the Fetch standard's CORS protocol).
public struct CORSRule: Hashable, Sendable, Codable {
    public static let maximum = 100
    public static let methods: Set<String> = ["GET", "PUT", "HEAD", "POST", "DELETE"]

    public var id: String?
    /// Each with one `*` at most, which stands for any text.
    public var origins: [String]
    public var methods: [String]
    /// Of the fields that a request may have; with `*` as in origins, without regard to case.
    public var headers: [String]
    /// Fields of answers that a page may see.
    public var exposed: [String]
    /// How long a browser may keep the answer to its question, in seconds.
    public var maximumAge: Int?

    public init(
        id: String? = nil, origins: [String], methods: [String], headers: [String] = [],
        exposed: [String] = [],
        maximumAge: Int? = nil
    ) {
        self.id = id
        self.origins = origins
        self.methods = methods
        self.headers = headers
        self.exposed = exposed
        self.maximumAge = maximumAge
    }

    /// What a browser asks: whether a page of `origin` may send `method` with these fields.
    public func allows(origin: String, method: String, headers asked: [String] = []) -> Bool {
        methods.contains(method) && origins.contains { Self.fits($0, origin) }
            && asked.allSatisfy { name in
                headers.contains { Self.fits($0.lowercased(), name.lowercased()) }
            }
    }

    /// Whether every origin may, so that the answer need not name one.
    public var isForAll: Bool { origins.contains("*") }

    /// Whether `text` is what `pattern` says, in which one `*` is any text.
    static func fits(_ pattern: String, _ text: String) -> Bool {
        let parts = pattern.split(separator: "*", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2 else { return pattern == text }
        return text.utf8.count >= pattern.utf8.count - 1 && text.hasPrefix(parts[0])
            && text.hasSuffix(parts[1])
    }
}
