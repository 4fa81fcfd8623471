import Core
public import ImageModel

/// An image that another is made upon: its layers are below, and what it says of containers counts where the other says nothing.
public struct BaseImage: Sendable {
    /// Of its manifest.
    public var digest: ImageDigest
    /// What it was called; nil for nothing.
    public var name: String?
    public var manifest: ImageManifest
    public var configuration: ImageConfiguration

    /// Reads an image of a layout; blocks the thread.
    public init(_ descriptor: ImageDescriptor, of layout: ImageLayout, name: String?) throws {
        digest = descriptor.digest
        self.name = name
        do throws(ImageError) {
            guard case .manifest(let manifest) = try ImageDocument(Self.bytes(descriptor, layout)) else {
                throw .document("it is an index")
            }
            guard ImageMediaType.isConfiguration(manifest.configuration.mediaType) else {
                throw .document("it is no container image, but \(manifest.configuration.mediaType)")
            }
            self.manifest = manifest
            configuration = try ImageConfiguration(Self.bytes(manifest.configuration, layout))
            guard configuration.layers.count == manifest.layers.count else {
                throw .document("it has other layers than its configuration names")
            }
        } catch {
            throw ApolloError(
                .invalid, "nothing can be made from \(name ?? descriptor.digest.text): \(error)")
        }
    }

    private static func bytes(
        _ descriptor: ImageDescriptor, _ layout: ImageLayout
    ) throws(ImageError) -> [UInt8] {
        do { return try layout.document(descriptor) } catch { throw .document("\(error)") }
    }

    /// Its layers as a manifest of OCI's names them: Docker's names are other words for the same bytes.
    var layers: [ImageDescriptor] {
        manifest.layers.map { layer in
            guard !ImageMediaType.isForeign(layer.mediaType), layer.urls.isEmpty,
                let compression = ImageMediaType.compression(ofLayer: layer.mediaType)
            else { return layer }
            var layer = layer
            layer.mediaType = compression.mediaType
            return layer
        }
    }

    /// How its layers came to be: an entry for each, also where it does not say.
    var history: [ImageConfiguration.History] {
        let told = configuration.history
        if told.count(where: { !$0.isEmptyLayer }) == configuration.layers.count { return told }
        return configuration.layers.map { _ in .init(comment: "of \(digest)") }
    }

    /// Which image is below, as OCI's annotations say it (image specification, "Pre-Defined Annotation Keys").
    var annotations: ImageAnnotations {
        var all: ImageAnnotations = ["org.opencontainers.image.base.digest": digest.text]
        if let name { all["org.opencontainers.image.base.name"] = name }
        return all
    }
}

extension ImageConfiguration.Defaults {
    /// These, with those of `base` where they say nothing. As with a Dockerfile, an entrypoint takes the base's command away, variables and
    /// labels count one by one, and ports are added.
    public func over(_ base: ImageConfiguration.Defaults) -> ImageConfiguration.Defaults {
        var all = base
        if let user { all.user = user }
        if let workingDirectory { all.workingDirectory = workingDirectory }
        if let stopSignal { all.stopSignal = stopSignal }
        if !entrypoint.isEmpty { (all.entrypoint, all.command) = (entrypoint, []) }
        if !command.isEmpty { all.command = command }
        func name(_ text: String) -> Substring { text.prefix { $0 != "=" } }
        for variable in environment {
            if let index = all.environment.firstIndex(where: { name($0) == name(variable) }) {
                all.environment[index] = variable
            } else {
                all.environment.append(variable)
            }
        }
        for (key, value) in labels.sorted(by: { $0.key < $1.key }) { all.labels[key] = value }
        all.exposedPorts += exposedPorts.filter { !base.exposedPorts.contains($0) }
        all.volumes += volumes.filter { !base.volumes.contains($0) }
        return all
    }
}
