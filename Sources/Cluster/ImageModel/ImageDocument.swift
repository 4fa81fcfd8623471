import Documents

/// What stands behind a tag: a manifest, or an index of several.
public enum ImageDocument: Hashable, Sendable {
    case manifest(ImageManifest)
    case index(ImageIndex)

    /// Reads a document that was sent as `mediaType`, nil where that is not known.
    ///
    /// One that could be read as both kinds is refused: signed as the one it would be used as the other (CVE-2021-41190).
    public init(_ bytes: [UInt8], mediaType sent: String? = nil) throws(ImageError) {
        let reading = try ImageReading(bytes)
        guard reading.value("schemaVersion")?.integer == 2 else {
            throw .document("schemaVersion is not 2: older documents are not supported")
        }
        let own = try reading.optionalText("mediaType")
        if let sent, let own, sent != own {
            throw .document("mediaType is '\(own)', and the document was sent as '\(sent)'")
        }
        let looksLikeIndex = reading.value("manifests") != nil
        let looksLikeManifest = reading.value("config") != nil || reading.value("layers") != nil
        guard !(looksLikeIndex && looksLikeManifest) else {
            throw .document("the document has what a manifest has, and what an index has")
        }
        let type = sent ?? own ?? (looksLikeIndex ? ImageMediaType.index : ImageMediaType.manifest)
        if ImageMediaType.isManifest(type) {
            guard !looksLikeIndex else { throw .document("the document is an index, not a manifest") }
            self = .manifest(try ImageManifest(reading, mediaType: type))
        } else if ImageMediaType.isIndex(type) {
            guard !looksLikeManifest else { throw .document("the document is a manifest, not an index") }
            self = .index(try ImageIndex(reading, mediaType: type))
        } else {
            throw .mediaType(type)
        }
    }

    public var mediaType: String {
        switch self {
        case .manifest(let manifest): manifest.mediaType
        case .index(let index): index.mediaType
        }
    }

    public var subject: ImageDescriptor? {
        switch self {
        case .manifest(let manifest): manifest.subject
        case .index(let index): index.subject
        }
    }

    public var annotations: ImageAnnotations {
        switch self {
        case .manifest(let manifest): manifest.annotations
        case .index(let index): index.annotations
        }
    }

    /// What a listing of referrers says it is: its own type of artifact, or that of a manifest's configuration.
    public var artifactType: String? {
        switch self {
        case .manifest(let manifest): manifest.artifactType ?? manifest.configuration.mediaType
        case .index(let index): index.artifactType
        }
    }

    public var bytes: [UInt8] {
        switch self {
        case .manifest(let manifest): manifest.bytes
        case .index(let index): index.bytes
        }
    }
}
