import Core
public import ImageModel

/// Makes an image of one folder: its only layer, or the one above those of another image; its configuration, its manifest.
public struct ImageBuild: Sendable {
    public var folder: String
    public var layer: LayerBuild.Options
    public var platform: ImagePlatform
    public var defaults: ImageConfiguration.Defaults
    public var annotations: ImageAnnotations
    /// Whose layers are in the layout too; then ``platform`` is the base's.
    public var base: BaseImage?

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
            platform: base?.configuration.platform ?? platform, created: created,
            author: base?.configuration.author,
            defaults: base.map { defaults.over($0.configuration.defaults) } ?? defaults,
            layers: (base?.configuration.layers ?? []) + [built.identifier],
            history: (base?.history ?? []) + [.init(created: created, createdBy: "apollo image build")])
        let named = try layout.add(configuration.bytes, mediaType: ImageMediaType.configuration)
        let manifest = ImageManifest(
            configuration: named, layers: (base?.layers ?? []) + [built.descriptor],
            annotations: (base?.annotations ?? [:]).merging(annotations) { _, own in own })
        var descriptor = try layout.add(manifest.bytes, mediaType: ImageMediaType.manifest)
        descriptor.platform = configuration.platform
        return descriptor
    }
}
