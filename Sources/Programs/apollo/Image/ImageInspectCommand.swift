import Arguments
import Core
import HTTPModel
import ImageClients
import ImageModel
import ImageTransfers
import Terminal

/// `apollo image inspect`.
enum ImageInspectCommand {
    private static let image = Parameter.argument(ImageCommand.image, help: "The image.")
    private static let isRaw = Parameter.flag("raw", help: "The manifest as it is stored, byte by byte.")

    /// What is told of an image.
    private struct Description: Sendable, Encodable {
        struct Layer: Sendable, Encodable {
            var digest: String
            var mediaType: String
            var size: Int64
        }

        var name: String
        var digest: String
        var mediaType: String
        /// Of an index: what it is there for.
        var platforms: [String]?
        var platform: String?
        var created: String?
        var size: Int64?
        var layers: [Layer]?
        var entrypoint: [String]?
        var command: [String]?
        var environment: [String]?
        var user: String?
        var workingDirectory: String?
        var exposedPorts: [String]?
        var labels: [String: String]?
        var annotations: [String: String]
    }

    static let command = Command(
        "inspect", aliases: ["show"], summary: "Say what an image is made of and how it runs",
        parameters: [image, ImageCommand.platform, isRaw],
        examples: [
            Example("an image", "apollo image inspect shop/app:1.0"),
            Example("of another registry", "apollo image inspect docker.io/library/busybox:1"),
            Example("its manifest", "apollo image inspect --raw shop/app:1.0"),
        ]
    ) { invocation in
        let session = try Session(invocation)
        let reference = invocation[image]
        if invocation[isRaw] {
            let found = try await session.withImages(of: reference) { registry, name in
                try await registry.document(name, reference.manifest)
            }
            try session.output.write(String(decoding: found.bytes, as: UTF8.self) + "\n")
            return .success
        }
        let platform = invocation[ImageCommand.platform]
        let description = try await session.withImages(of: reference) { registry, name in
            try await describe(registry, name, reference, platform)
        }
        switch session.format {
        case .json: try session.output.writeJSON(description)
        case .table: try session.output.write(text(description))
        }
        return .success
    }

    private static func describe(
        _ registry: ImageRegistry, _ name: RepositoryName, _ reference: ImageReference,
        _ platform: ImagePlatform?
    ) async throws -> Description {
        var found = try await registry.document(name, reference.manifest)
        let first = found.digest
        var platforms: [String]?
        if case .index(let index) = found.document {
            platforms = index.manifests.map { $0.platform?.description ?? "-" }
            if let fitting = index.manifest(for: platform ?? .host) {
                found = try await registry.document(name, .digest(fitting.digest))
            } else if let platform {
                throw ApolloError(.notFound, "'\(reference)' is not there for \(platform)")
            }
        }
        var description = Description(
            name: reference.description, digest: first.text, mediaType: found.document.mediaType,
            platforms: platforms, annotations: found.document.annotations)
        guard case .manifest(let manifest) = found.document else { return description }
        description.size = manifest.blobs.reduce(0) { $0 + $1.size }
        description.layers = manifest.layers.map {
            .init(digest: $0.digest.text, mediaType: $0.mediaType, size: $0.size)
        }
        guard ImageMediaType.isConfiguration(manifest.configuration.mediaType) else { return description }
        let body = try await registry.open(manifest.configuration.digest, in: name)
        let bytes = try await body.collect(upTo: ImageLimits.document)
        let configuration: ImageConfiguration
        do throws(ImageError) { configuration = try ImageConfiguration(bytes) } catch {
            throw ApolloError(.corrupt, "the configuration of '\(reference)' cannot be read: \(error)")
        }
        description.platform = configuration.platform.description
        description.created = configuration.created
        let defaults = configuration.defaults
        description.entrypoint = defaults.entrypoint
        description.command = defaults.command
        description.environment = defaults.environment
        description.user = defaults.user
        description.workingDirectory = defaults.workingDirectory
        description.exposedPorts = defaults.exposedPorts
        description.labels = defaults.labels
        return description
    }

    private static func text(_ image: Description) -> String {
        var lines: [(String, String)] = [
            ("Name", image.name), ("Digest", image.digest), ("Type", image.mediaType),
        ]
        func add(_ name: String, _ values: [String]?) {
            if let values, !values.isEmpty { lines.append((name, values.joined(separator: " "))) }
        }
        add("Platforms", image.platforms)
        add("Platform", image.platform.map { [$0] })
        add("Created", image.created.map { [$0] })
        add("Size", image.size.map { ["\(ByteCount($0))"] })
        add("Entrypoint", image.entrypoint)
        add("Command", image.command)
        add("User", image.user.map { [$0] })
        add("Folder", image.workingDirectory.map { [$0] })
        add("Ports", image.exposedPorts)
        add("Environment", image.environment)
        add("Labels", image.labels.map { $0.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" } })
        add("Annotations", image.annotations.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" })
        for layer in image.layers ?? [] {
            lines.append(("Layer", "\(layer.digest)  \(ByteCount(layer.size))"))
        }
        return lines.map { name, value in
            let gap = String(repeating: " ", count: 13 - name.count)
            return "\(name):\(gap)\(value.printable)\n"
        }.joined()
    }
}
