/// The media types of images: those of the OCI image specification, and Docker's that came before them.
public enum ImageMediaType {
    public static let manifest = "application/vnd.oci.image.manifest.v1+json"
    public static let index = "application/vnd.oci.image.index.v1+json"
    public static let configuration = "application/vnd.oci.image.config.v1+json"
    public static let layer = "application/vnd.oci.image.layer.v1.tar"
    public static let gzipLayer = "application/vnd.oci.image.layer.v1.tar+gzip"
    public static let zstdLayer = "application/vnd.oci.image.layer.v1.tar+zstd"
    /// What stands where nothing is needed: the two bytes `{}`.
    public static let empty = "application/vnd.oci.empty.v1+json"

    public static let dockerManifest = "application/vnd.docker.distribution.manifest.v2+json"
    public static let dockerIndex = "application/vnd.docker.distribution.manifest.list.v2+json"
    public static let dockerConfiguration = "application/vnd.docker.container.image.v1+json"
    public static let dockerLayer = "application/vnd.docker.image.rootfs.diff.tar.gzip"

    /// What a client that reads all of them says in `Accept`.
    public static let manifests = [manifest, index, dockerManifest, dockerIndex]

    public static func isManifest(_ type: String) -> Bool { type == manifest || type == dockerManifest }

    public static func isIndex(_ type: String) -> Bool { type == index || type == dockerIndex }

    public static func isConfiguration(_ type: String) -> Bool {
        type == configuration || type == dockerConfiguration
    }

    /// Whether a registry may lack the blob: layers that must not be given on (`nondistributable`, `foreign`).
    public static func isForeign(_ type: String) -> Bool {
        type.hasPrefix("application/vnd.oci.image.layer.nondistributable.")
            || type == "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip"
    }

    /// How a layer of this type is packed; nil where it is no layer of a file system.
    public static func compression(ofLayer type: String) -> LayerCompression? {
        let isOCI =
            type.hasPrefix("application/vnd.oci.image.layer.v1.tar")
            || type.hasPrefix("application/vnd.oci.image.layer.nondistributable.v1.tar")
        if isOCI {
            if type.hasSuffix(".tar") { return LayerCompression.none }
            if type.hasSuffix("+gzip") { return .gzip }
            return type.hasSuffix("+zstd") ? .zstd : nil
        }
        switch type {
        case dockerLayer, "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip": return .gzip
        case "application/vnd.docker.image.rootfs.diff.tar.zstd": return .zstd
        case "application/vnd.docker.image.rootfs.diff.tar": return LayerCompression.none
        default: return nil
        }
    }
}

/// How the tar file of a layer is packed.
public enum LayerCompression: String, Hashable, Sendable, CaseIterable {
    case none
    case gzip
    case zstd

    public var mediaType: String {
        switch self {
        case .none: ImageMediaType.layer
        case .gzip: ImageMediaType.gzipLayer
        case .zstd: ImageMediaType.zstdLayer
        }
    }
}

/// What is taken of a stranger's images.
public enum ImageLimits {
    /// Bytes of a manifest, an index or a configuration: what the distribution specification has registries take at least.
    public static let document = 4 << 20
    public static let layers = 512
    public static let manifests = 4096
    public static let annotations = 1024
}
