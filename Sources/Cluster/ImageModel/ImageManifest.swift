import Documents

/// What one image for one platform, or any other artifact, is made of (OCI image specification, "Image Manifest").
public struct ImageManifest: Hashable, Sendable {
    public var mediaType: String
    /// What an artifact is, where it is no image.
    public var artifactType: String?
    public var configuration: ImageDescriptor
    /// From the lowest to the highest.
    public var layers: [ImageDescriptor]
    /// What this is about: a signature of that manifest, a list of its parts.
    public var subject: ImageDescriptor?
    public var annotations: ImageAnnotations

    public init(
        mediaType: String = ImageMediaType.manifest, artifactType: String? = nil,
        configuration: ImageDescriptor, layers: [ImageDescriptor], subject: ImageDescriptor? = nil,
        annotations: ImageAnnotations = [:]
    ) {
        self.mediaType = mediaType
        self.artifactType = artifactType
        self.configuration = configuration
        self.layers = layers
        self.subject = subject
        self.annotations = annotations
    }

    init(_ reading: ImageReading, mediaType: String) throws(ImageError) {
        self.mediaType = mediaType
        guard let configuration = try reading.descriptor("config") else {
            throw .document("config is missing")
        }
        self.configuration = configuration
        artifactType = try reading.optionalText("artifactType")
        layers = try reading.descriptors("layers", limit: ImageLimits.layers)
        subject = try reading.descriptor("subject")
        annotations = try reading.annotations("annotations")
    }

    /// The blobs it needs, in the order of the document.
    public var blobs: [ImageDescriptor] { [configuration] + layers }

    /// The same manifest is always the same bytes.
    public var bytes: [UInt8] {
        ImageDocument.bytes(mediaType, artifactType, subject, annotations, count: 1 + layers.count) {
            writer in
            writer.key("config")
            configuration.write(&writer)
            writer.key("layers")
            layers.write(&writer)
        }
    }
}

/// Manifests that belong together, such as those of one image for several platforms (OCI image specification, "Image Index").
public struct ImageIndex: Hashable, Sendable {
    public var mediaType: String
    public var artifactType: String?
    public var manifests: [ImageDescriptor]
    public var subject: ImageDescriptor?
    public var annotations: ImageAnnotations

    public init(
        mediaType: String = ImageMediaType.index, artifactType: String? = nil, manifests: [ImageDescriptor],
        subject: ImageDescriptor? = nil, annotations: ImageAnnotations = [:]
    ) {
        self.mediaType = mediaType
        self.artifactType = artifactType
        self.manifests = manifests
        self.subject = subject
        self.annotations = annotations
    }

    init(_ reading: ImageReading, mediaType: String) throws(ImageError) {
        self.mediaType = mediaType
        artifactType = try reading.optionalText("artifactType")
        manifests = try reading.descriptors("manifests", limit: ImageLimits.manifests)
        subject = try reading.descriptor("subject")
        annotations = try reading.annotations("annotations")
    }

    /// The first manifest that runs on `machine`, one of the same variant before others; nil where there is none.
    public func manifest(for machine: ImagePlatform) -> ImageDescriptor? {
        let fitting = manifests.filter {
            $0.platform.map { $0.runs(on: machine) } ?? false
        }
        return fitting.first { $0.platform?.variant == machine.variant } ?? fitting.first
    }

    /// The same index is always the same bytes.
    public var bytes: [UInt8] {
        ImageDocument.bytes(mediaType, artifactType, subject, annotations, count: manifests.count) { writer in
            writer.key("manifests")
            manifests.write(&writer)
        }
    }
}

extension ImageDocument {
    /// A manifest or an index, of which `content` writes what it points to, about `count` descriptors.
    fileprivate static func bytes(
        _ mediaType: String, _ artifactType: String?, _ subject: ImageDescriptor?,
        _ annotations: ImageAnnotations, count: Int, _ content: (inout JSONWriter) -> Void
    ) -> [UInt8] {
        var writer = JSONWriter(reserving: 256 + 256 * count)
        writer.beginObject()
        writer.field("schemaVersion", 2)
        writer.field("mediaType", mediaType)
        if let artifactType { writer.field("artifactType", artifactType) }
        content(&writer)
        if let subject {
            writer.key("subject")
            subject.write(&writer)
        }
        annotations.write(&writer)
        writer.endObject()
        return writer.bytes
    }
}

extension [ImageDescriptor] {
    fileprivate func write(_ writer: inout JSONWriter) {
        writer.beginArray()
        for descriptor in self { descriptor.write(&writer) }
        writer.endArray()
    }
}
