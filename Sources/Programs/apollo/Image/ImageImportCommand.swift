import Arguments
import Concurrency
import Core
import Glibc
import ImageFiles
import ImageModel
import Terminal

/// `apollo image import`.
enum ImageImportCommand {
    private static let file = Parameter.argument(
        .path.named("ARCHIVE"), help: "The archive, packed or not; '-' for the standard input.")
    private static let image = Parameter.argument(ImageCommand.image, help: "What it is to be called.")
    private static let name = Parameter.option(
        "name", .text("NAME"), help: "Which of several images of the archive; the only one unless said.")
    private static let limit = Parameter.option(
        "limit", .byteCount, help: "The most that the archive may hold, unpacked; 64 GiB unless said.")

    static let command = Command(
        "import", summary: "Push an image of an archive: of 'docker save', 'podman save', skopeo",
        parameters: [file, image, name, limit, ImageCommand.compression],
        examples: [
            Example("an image of Docker's", "docker save app | apollo image import - shop/app:1.0"),
            Example("an archive of an OCI layout", "apollo image import app.tar.gz shop/app:1.0"),
        ]
    ) { invocation in
        let session = try Session(invocation)
        let path = invocation[file]
        let descriptor = path == "-" ? dup(0) : open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw ApolloError(.notFound, "cannot open \(path.printable): \(String(cString: strerror(errno)))")
        }
        defer { close(descriptor) }
        let place = try TemporaryLayout(variables: session.variables)
        var limits = ArchiveImport.Limits()
        if let bytes = invocation[limit] { limits.bytes = bytes.bytes }
        let reading = ArchiveImport(
            into: place.layout, limits: limits, compression: invocation[ImageCommand.compression] ?? .gzip)
        let found = try await BlockingPool(name: "import").run("read an archive") {
            try reading.run(from: descriptor)
        }
        let chosen = try choose(found, invocation[name])
        let digest = try await ImagePushing.push(session, place.layout, chosen, as: invocation[image])
        try session.output.write("\(digest)\n")
        return .success
    }

    private static func choose(
        _ found: [ArchiveImport.Found], _ name: String?
    ) throws -> ImageDescriptor {
        let names = found.map { $0.name ?? $0.descriptor.digest.text }.joined(separator: ", ")
        if let name {
            guard let one = found.first(where: { $0.name == name || $0.descriptor.digest.text == name })
            else {
                throw ApolloError(.notFound, "the archive has no image '\(name)'", hint: "it has \(names)")
            }
            return one.descriptor
        }
        guard let first = found.first else { throw ApolloError(.invalid, "the archive holds no image") }
        guard Set(found.map(\.descriptor.digest)).count == 1 else {
            throw ApolloError(
                .invalid, "the archive has several images: say which with --name", hint: "it has \(names)")
        }
        return first.descriptor
    }
}
