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
        help: "A folder that is empty or made, or the file; '-' for the standard output, of a tar archive.")

    private enum Format: String, CaseIterable, Sendable {
        case dir, tar, ext4, erofs
    }

    private static let format = Parameter.option(
        "format", ValueType.choice(Format.self, "FORMAT"),
        help: "What it becomes: a folder, a tar archive, or a file with a file system. dir unless said.")
    private static let isTar = Parameter.flag("tar", help: "The same as --format tar.")
    private static let size = Parameter.option(
        "size", .byteCount.named("SIZE"),
        help:
            "How large an ext4 file system is; as large as its files, a quarter more, and 16 MiB unless said."
    )

    static let command = Command(
        "export", summary: "Unpack an image, as a container sees it",
        discussion: """
            Layers are put one on the other. Nothing is made outside of the folder, whatever the image holds. Owners and devices are \
            kept where root unpacks; times are.

            File systems are made by mke2fs and debugfs (Debian's package e2fsprogs) and mkfs.erofs (erofs-utils), as root or under \
            fakeroot. The same image gives the same bytes. An ext4 file system has no journal; an erofs file system is read-only, \
            packed, and all in it has the time of the image.
            """,
        parameters: [image, target, format, isTar, size, ImageCommand.platform, ImageCommand.compression],
        examples: [
            Example("into a folder", "apollo image export shop/app:1.0 ./root"),
            Example(
                "as a tar archive", "apollo image export --format tar --compression none shop/app:1.0 app.tar"
            ),
            Example(
                "as a disk of a virtual machine",
                "sudo apollo image export --format ext4 --size 1Gi shop/app:1.0 app.ext4"),
            Example(
                "the same for who is not root",
                "fakeroot apollo image export --format erofs shop/app:1.0 app.erofs"),
        ]
    ) { invocation in
        let chosen = try readFormat(invocation)
        let session = try Session(invocation)
        let system: FileSystemImage.Format? =
            switch chosen {
            case .dir, .tar: nil
            case .ext4: .ext4(size: invocation[size])
            case .erofs: .erofs
            }
        let places = FileSystemTool.Places(path: session.variables["PATH"])
        // Before anything is pulled.
        try system?.check(with: places)
        let reference = invocation[image]
        let place = try TemporaryLayout(variables: session.variables)
        let platform = invocation[ImageCommand.platform] ?? .host
        let descriptor = try await session.withImages(of: reference) { registry, repository in
            try await session.transfer("pulling", registry, place.layout) {
                try await $0.pull(reference.manifest, of: repository, for: platform)
            }
        }
        let (path, layout) = (invocation[target], place.layout)
        let options = LayerBuild.Options(
            compression: invocation[ImageCommand.compression] ?? .none, modified: nil,
            keepsOwners: geteuid() == 0)
        try await BlockingPool(name: "export").run("unpack an image") {
            let export = ImageExport(of: layout)
            if let system {
                let begun = Environment.live.wallClock.now
                let folder = try ScratchFolder(beside: layout)
                try export.unpack(descriptor, into: folder.path + "/root")
                try FileSystemImage(
                    system, of: descriptor.digest, created: try export.created(descriptor), with: places
                ).write(folder.path + "/root", to: path, scratch: folder.path, begun: begun)
            } else if chosen == .tar {
                try write(export, descriptor, as: options, to: path, beside: layout)
            } else {
                try export.unpack(descriptor, into: path)
            }
        }
        withExtendedLifetime(place) {}
        return .success
    }

    private static func readFormat(_ invocation: Invocation) throws -> Format {
        let chosen = invocation[format] ?? (invocation[isTar] ? .tar : .dir)
        guard !invocation[isTar] || chosen == .tar else {
            throw invocation.usageError("--tar and --format \(chosen.rawValue) contradict each other")
        }
        guard invocation[size] == nil || chosen == .ext4 else {
            throw invocation.usageError("--size is for --format ext4 alone")
        }
        guard invocation[ImageCommand.compression] == nil || chosen == .tar else {
            throw invocation.usageError("--compression is for --format tar alone")
        }
        guard invocation[target] != "-" || chosen == .tar || chosen == .dir else {
            throw invocation.usageError("a file system cannot be written to the standard output")
        }
        return chosen
    }

    private static func write(
        _ export: ImageExport, _ descriptor: ImageDescriptor, as options: LayerBuild.Options, to path: String,
        beside layout: ImageLayout
    ) throws {
        let folder = try ScratchFolder(beside: layout)
        try export.unpack(descriptor, into: folder.path)
        let file = path == "-" ? dup(1) : open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard file >= 0 else {
            throw ApolloError(
                .unavailable, "cannot write \(path.printable): \(String(cString: strerror(errno)))")
        }
        defer { close(file) }
        _ = try LayerBuild.write(folder.path, to: file, options)
    }
}
