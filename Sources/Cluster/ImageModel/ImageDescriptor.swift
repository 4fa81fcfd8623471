import Documents

/// Points to content: what it is, what it is called, how long it is (OCI image specification, "Descriptor").
public struct ImageDescriptor: Hashable, Sendable {
    public var mediaType: String
    public var digest: ImageDigest
    /// In bytes.
    public var size: Int64
    public var annotations: ImageAnnotations
    /// Of a manifest in an index.
    public var platform: ImagePlatform?
    public var artifactType: String?
    /// The content itself, in base 64.
    public var data: String?
    public var urls: [String]

    public init(
        mediaType: String, digest: ImageDigest, size: Int64, annotations: ImageAnnotations = [:],
        platform: ImagePlatform? = nil, artifactType: String? = nil, data: String? = nil, urls: [String] = []
    ) {
        self.mediaType = mediaType
        self.digest = digest
        self.size = size
        self.annotations = annotations
        self.platform = platform
        self.artifactType = artifactType
        self.data = data
        self.urls = urls
    }

    /// Of bytes that are at hand.
    public init(of bytes: [UInt8], mediaType: String) {
        self.init(mediaType: mediaType, digest: ImageDigest(of: bytes), size: Int64(bytes.count))
    }
}

/// What an author notes about content: keys with texts, in no order.
public typealias ImageAnnotations = [String: String]

/// For which machines an image is.
public struct ImagePlatform: Hashable, Sendable {
    /// As Go calls it: `linux`.
    public var system: String
    /// As Go calls it: `amd64`, `arm64`.
    public var architecture: String
    /// Of the processor, such as `v8`.
    public var variant: String?
    /// Of the system, such as a version of Windows.
    public var version: String?

    public init(
        system: String = "linux", architecture: String, variant: String? = nil, version: String? = nil
    ) {
        self.system = system
        self.architecture = architecture
        self.variant = variant
        self.version = version
    }

    /// Reads `system/architecture[/variant]`; nil where it is none.
    public init?(parsing text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard (2...3).contains(parts.count), parts.allSatisfy({ !$0.isEmpty }) else { return nil }
        self.init(
            system: parts[0], architecture: parts[1], variant: parts.count == 3 ? parts[2] : nil)
    }

    /// Where this program runs.
    public static var host: ImagePlatform {
        #if arch(arm64)
            ImagePlatform(architecture: "arm64", variant: "v8")
        #else
            ImagePlatform(architecture: "amd64")
        #endif
    }

    /// Whether an image for `self` runs on `machine`. A variant counts where both name one.
    public func runs(on machine: ImagePlatform) -> Bool {
        guard system == machine.system, architecture == machine.architecture else { return false }
        guard let variant, let other = machine.variant else { return true }
        return variant == other
    }
}

extension ImagePlatform: CustomStringConvertible {
    public var description: String {
        "\(system)/\(architecture)" + (variant.map { "/\($0)" } ?? "")
    }
}

// MARK: JSON

extension ImageDescriptor {
    init(_ reading: ImageReading) throws(ImageError) {
        let digest = try reading.text("digest")
        do throws(ImageError) {
            self.digest = try ImageDigest(parsing: digest)
        } catch {
            throw .document("\(reading.path).digest: \(error)")
        }
        mediaType = try reading.text("mediaType")
        size = try reading.size("size")
        annotations = try reading.annotations("annotations")
        platform = try reading.member("platform").map { value throws(ImageError) in
            ImagePlatform(
                system: try value.text("os"), architecture: try value.text("architecture"),
                variant: try value.optionalText("variant"), version: try value.optionalText("os.version"))
        }
        artifactType = try reading.optionalText("artifactType")
        data = try reading.optionalText("data")
        urls = try reading.texts("urls")
    }

    func write(_ writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("mediaType", mediaType)
        writer.field("digest", digest.text)
        writer.field("size", size)
        if !urls.isEmpty { writer.field("urls", .array(urls.map { .string($0) })) }
        if let data { writer.field("data", data) }
        if let platform { platform.write(&writer) }
        if let artifactType { writer.field("artifactType", artifactType) }
        annotations.write(&writer)
        writer.endObject()
    }
}

extension ImagePlatform {
    fileprivate func write(_ writer: inout JSONWriter) {
        writer.key("platform")
        writer.beginObject()
        writer.field("architecture", architecture)
        writer.field("os", system)
        if let version { writer.field("os.version", version) }
        if let variant { writer.field("variant", variant) }
        writer.endObject()
    }
}

extension ImageAnnotations {
    /// By their keys, so that the same annotations are the same bytes.
    func write(as name: String = "annotations", _ writer: inout JSONWriter) {
        guard !isEmpty else { return }
        writer.key(name)
        writer.beginObject()
        for (key, value) in sorted(by: { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }) {
            writer.field(key, value)
        }
        writer.endObject()
    }
}
