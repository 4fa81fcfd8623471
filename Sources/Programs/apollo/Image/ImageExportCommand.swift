import Arguments
import Concurrency
import Core
import Glibc
import ImageFiles
import ImageModel
import ImageTransfers
import Terminal

/// `apollo image export`.
enum ImageExportCommand {
    private static let image = Parameter.argument(ImageCommand.image, help: "The image.")
    private static let target = Parameter.argument(
        .path.named("TARGET"),
        help: "A folder that is empty or made; with --tar the archive, '-' for the standard output.")
    private static let isTar = Parameter.flag(
        "tar", help: "A tar archive, packed by --compression, rather than a folder.")

    static let command = Command(
        "export", summary: "Unpack an image, as a container sees it",
        discussion: """
            Layers are put one on the other. Nothing is made outside of the folder, whatever the image holds. Owners and devices are \
            kept where root unpacks; times are.
            """,
        parameters: [image, target, isTar, ImageCommand.platform, ImageCommand.compression],
        examples: [
            Example("into a folder", "apollo image export shop/app:1.0 ./root"),
            Example("as a tar archive", "apollo image export --tar --compression none shop/app:1.0 app.tar"),
            Example(
                "as a file system, by other programs",
                "apollo image export shop/app:1.0 ./root && mke2fs -q -t ext4 -d ./root app.ext4 1G"),
        ]
    ) { invocation in
        let session = try Session(invocation)
        let reference = invocation[image]
        let place = try TemporaryLayout(variables: session.variables)
        let platform = invocation[ImageCommand.platform] ?? .host
        let descriptor = try await session.withImages(of: reference) { registry, repository in
            try await session.transfer("pulling", registry, place.layout) {
                try await $0.pull(reference.manifest, of: repository, for: platform)
            }
        }
        let path = invocation[target]
        let (layout, pool) = (place.layout, BlockingPool(name: "export"))
        guard invocation[isTar] else {
            try await pool.run("unpack an image") {
                try ImageExport(of: layout).unpack(descriptor, into: path)
            }
            return .success
        }
        let options = LayerBuild.Options(
            compression: invocation[ImageCommand.compression] ?? .none, modified: nil,
            keepsOwners: geteuid() == 0)
        try await pool.run("unpack an image") {
            let folder = try ScratchFolder(beside: layout)
            try ImageExport(of: layout).unpack(descriptor, into: folder.path)
            let file = path == "-" ? dup(1) : open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
            guard file >= 0 else {
                throw ApolloError(
                    .unavailable, "cannot write \(path.printable): \(String(cString: strerror(errno)))")
            }
            defer { close(file) }
            _ = try LayerBuild.write(folder.path, to: file, options)
        }
        withExtendedLifetime(place) {}
        return .success
    }
}
