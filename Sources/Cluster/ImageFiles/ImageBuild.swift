import Core
public import ImageModel

/// Makes an image of one folder: its only layer, its configuration, its manifest.
public struct ImageBuild: Sendable {
    public var folder: String
    public var layer: LayerBuild.Options
    public var platform: ImagePlatform
    public var defaults: ImageConfiguration.Defaults
    public var annotations: ImageAnnotations

    public init(
        folder: String, layer: LayerBuild.Options, platform: ImagePlatform,
        defaults: ImageConfiguration.Defaults, annotations: ImageAnnotations = [:]
    ) {
        self.folder = folder
        self.layer = layer
        self.platform = platform
        self.defaults = defaults
        self.annotations = annotations
    }

    /// Writes the image into a layout, and returns its manifest; blocks the thread.
    public func run(
        into layout: ImageLayout, progress: (Int64) -> Void = { _ in }
    ) throws -> ImageDescriptor {
        let blob = try layout.begin()
        let built = try LayerBuild.write(folder, to: blob.descriptor, layer, progress: progress)
        try blob.publish(as: built.descriptor.digest)
        let created = "\(Timestamp(microseconds: (layer.modified ?? 0) * 1_000_000))"
        let configuration = ImageConfiguration(
            platform: platform, created: created, defaults: defaults, layers: [built.identifier],
            history: [.init(created: created, createdBy: "apollo image build")])
        let named = try layout.add(configuration.bytes, mediaType: ImageMediaType.configuration)
        let manifest = ImageManifest(
            configuration: named, layers: [built.descriptor], annotations: annotations)
        var descriptor = try layout.add(manifest.bytes, mediaType: ImageMediaType.manifest)
        descriptor.platform = platform
        return descriptor
    }
}
