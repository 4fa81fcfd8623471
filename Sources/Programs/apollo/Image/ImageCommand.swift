import Arguments
import Core
import ImageModel

/// `apollo image`.
enum ImageCommand {
    static let command = Command(
        "image", summary: "Keep container images in the platform's registry",
        discussion: """
            An image is called REPOSITORY[:TAG], or REPOSITORY@DIGEST; the first part of a repository with several is its \
            project. Docker, podman and skopeo use the same registry: 'docker login' and 'docker push' at the platform's address.

            pull, export, inspect and tags take images of other registries, too, by their full names: \
            docker.io/library/busybox:1, localhost:5000/app. Names and passwords for them are those that 'docker login' keeps \
            in ~/.docker/config.json.
            """,
        subcommands: [
            ImageLsCommand.command, ImageTagsCommand.command, ImageInspectCommand.command,
            ImageBuildCommand.command, ImageImportCommand.command, ImagePushCommand.command,
            ImagePullCommand.command, ImageExportCommand.command, ImageRmCommand.command,
            ImageLoginCommand.command, ImageQuotaCommand.command, ImageGcCommand.command,
        ])

    static let image = ValueType<ImageReference>("IMAGE", expecting: "REPOSITORY[:TAG] or REPOSITORY@DIGEST")
    {
        try? ImageReference(parsing: $0)  // The usage says what is expected.
    }

    static let platform = Parameter.option(
        "platform",
        ValueType<ImagePlatform>("SYSTEM/ARCHITECTURE", expecting: "such as linux/amd64") {
            ImagePlatform(parsing: $0)
        }, help: "The machines that it is for; this one unless said.")

    static let compression = Parameter.option(
        "compression",
        ValueType<LayerCompression>(
            "FORMAT", expecting: "none, gzip or zstd", choices: LayerCompression.allCases.map(\.rawValue)
        ) { LayerCompression(rawValue: $0) },
        help: "How layers are packed: none, gzip or zstd. gzip unless said.")
}
