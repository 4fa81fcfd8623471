import Arguments
import Core
import ImageFiles
import ImageModel
import ImageTransfers
import Terminal

/// `apollo image pull`.
enum ImagePullCommand {
    private static let image = Parameter.argument(ImageCommand.image, help: "The image.")
    private static let folder = Parameter.argument(
        .path.named("LAYOUT"),
        help: "The folder, which becomes an OCI image layout; what it has already is not pulled.")
    private static let isAll = Parameter.flag(
        "all", help: "The image for every machine, rather than for one.")

    static let command = Command(
        "pull", summary: "Pull an image into an OCI layout",
        parameters: [image, folder, ImageCommand.platform, isAll],
        examples: [
            Example("to look into it", "apollo image pull shop/app:1.0 ./app"),
            Example(
                "of another registry, into ours",
                """
                apollo image pull docker.io/library/busybox:1 ./busybox && apollo image push ./busybox busybox:1
                """),
        ]
    ) { invocation in
        let session = try Session(invocation)
        let reference = invocation[image]
        let layout = try ImageLayout(preparing: invocation[folder])
        let platform = invocation[isAll] ? nil : invocation[ImageCommand.platform] ?? .host
        let descriptor = try await session.withImages(of: reference) { registry, repository in
            try await session.transfer("pulling", registry, layout) {
                try await $0.pull(reference.manifest, of: repository, for: platform)
            }
        }
        try layout.name(descriptor, reference.tag?.text)
        try session.output.write("\(descriptor.digest)\n")
        return .success
    }
}
