import Arguments
import Core
import ImageFiles
import ImageModel
import ImageTransfers
import Terminal

/// `apollo image push`.
enum ImagePushCommand {
    private static let folder = Parameter.argument(
        .path.named("LAYOUT"), help: "A folder that is an OCI image layout.")
    private static let image = Parameter.argument(ImageCommand.image, help: "What it is to be called.")
    private static let name = Parameter.option(
        "name", .text("NAME"), help: "Which of several images of the layout; the only one unless said.")

    static let command = Command(
        "push", summary: "Push an image of an OCI layout to the registry",
        parameters: [folder, image, name],
        examples: [Example("what skopeo has copied to a folder", "apollo image push ./app shop/app:1.0")]
    ) { invocation in
        let session = try Session(invocation)
        let layout = try ImageLayout(opening: invocation[folder])
        let descriptor = try layout.named(invocation[name])
        let digest = try await ImagePushing.push(session, layout, descriptor, as: invocation[image])
        try session.output.write("\(digest)\n")
        return .success
    }
}

/// What build, import and push have in common.
enum ImagePushing {
    /// Pushes an image under the name of `reference`; its digest.
    ///
    /// - Parameter base: a repository of the same registry that may have layers of it already.
    static func push(
        _ session: Session, _ layout: ImageLayout, _ descriptor: ImageDescriptor,
        as reference: ImageReference, layersOf base: RepositoryName? = nil
    ) async throws -> ImageDigest {
        let repository = try session.repository(reference)
        var tags: [ImageTag] = []
        switch reference.manifest {
        case .tag(let tag): tags = [tag]
        case .digest(let digest):
            guard digest == descriptor.digest else {
                throw ApolloError(.invalid, "the image has the digest \(descriptor.digest), not \(digest)")
            }
        }
        let named = tags
        try await session.withImages { registry in
            try await session.transfer("pushing", registry, layout) {
                try await $0.push(
                    descriptor, to: repository, tags: named, layersOf: base == repository ? nil : base)
            }
        }
        return descriptor.digest
    }
}
