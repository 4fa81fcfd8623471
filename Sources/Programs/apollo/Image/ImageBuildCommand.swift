import Arguments
import Concurrency
import Core
import ImageFiles
import ImageModel
import ImageTransfers
import Terminal

/// `apollo image build`.
enum ImageBuildCommand {
    private static let folder = Parameter.argument(
        .path.named("FOLDER"), help: "What the image holds: its root file system.")
    private static let image = Parameter.optionalArgument(
        ImageCommand.image, help: "What it is called in the registry; it is not pushed without.")
    private static let base = Parameter.option(
        "from", ImageCommand.image,
        help: "An image that it is made upon, of this registry or another: the folder is above its layers.")
    private static let output = Parameter.option(
        "output-layout", .path.named("LAYOUT"),
        help: "A folder for an OCI image layout, beside the registry or in its place.")
    private static let entrypoint = Parameter.repeated(
        "entrypoint", .text("WORD"), help: "What a container runs, word by word.")
    private static let words = Parameter.repeated(
        "cmd", .text("WORD"), help: "What follows the entrypoint unless a task says otherwise, word by word.")
    private static let environment = Parameter.repeated(
        "env", .text("NAME=VALUE"), help: "A variable that a container has.")
    private static let user = Parameter.option(
        "user", .text("USER"), help: "Whom a container runs as, by name or number.")
    private static let directory = Parameter.option(
        "workdir", .text("PATH"), help: "Where a container begins.")
    private static let ports = Parameter.repeated(
        "expose", .text("PORT"), help: "A port that it listens on: 80, 53/udp.")
    private static let labels = Parameter.repeated("label", .text("NAME=VALUE"), help: "A label.")
    private static let keepsTimes = Parameter.flag(
        "keep-times", help: "The files' own times, rather than SOURCE_DATE_EPOCH or 1970.")
    private static let keepsOwners = Parameter.flag(
        "keep-owners", help: "The files' own owners, rather than root.")

    static let command = Command(
        "build", summary: "Make an image of a folder, without an engine",
        discussion: """
            The folder becomes the only layer, or with --from the one above those of another image, whose user, entrypoint, variables and so on \
            the image has too, where nothing else is said. The same files give the same image, wherever and whenever it is made: names, bytes \
            and permissions count, times and owners do not, unless they are kept. Links stay links, sockets and extended attributes are \
            left out.
            """,
        parameters: [
            folder, image, base, output, entrypoint, words, environment, user, directory, ports, labels,
            ImageCommand.platform, ImageCommand.compression, keepsTimes, keepsOwners,
        ],
        examples: [
            Example("a static program", "apollo image build ./root shop/app:1.0 --entrypoint /app"),
            Example(
                "a program in an image of Docker Hub's",
                "apollo image build ./app shop/app:1.0 --from docker.io/library/python:3 --cmd /app/run"),
            Example(
                "a root file system, for skopeo",
                "apollo image build ./debian --output-layout ./layout --cmd /bin/bash --compression zstd"),
        ]
    ) { invocation in
        let session = try Session(invocation)
        guard invocation[image] != nil || invocation[output] != nil else {
            throw invocation.usageError("say where to: an IMAGE, or --output-layout LAYOUT")
        }
        var build = ImageBuild(
            folder: invocation[folder], layer: try options(invocation, session),
            platform: invocation[ImageCommand.platform] ?? .host,
            defaults: try defaults(invocation))
        let temporary = invocation[output] == nil ? try TemporaryLayout(variables: session.variables) : nil
        let layout = try temporary?.layout ?? ImageLayout(preparing: invocation[output] ?? "")
        let own = try invocation[base].flatMap { try session.ownRepository($0) }
        if let reference = invocation[base] {
            // What the registry has it mounts: it need not come here.
            build.base = try await fetch(
                reference, for: build.platform, into: layout, withLayers: own == nil || temporary == nil,
                session)
        }
        let whole = build
        let descriptor = try await BlockingPool(name: "build").run("build an image") {
            try whole.run(into: layout)
        }
        if temporary == nil { try layout.name(descriptor, invocation[image]?.tag?.text) }
        if let reference = invocation[image] {
            _ = try await ImagePushing.push(
                session, layout, descriptor, as: reference,
                layersOf: own)
        }
        try session.output.write("\(descriptor.digest)\n")
        withExtendedLifetime(temporary) {}
        return .success
    }

    /// Has the base in the layout.
    private static func fetch(
        _ reference: ImageReference, for platform: ImagePlatform, into layout: ImageLayout, withLayers: Bool,
        _ session: Session
    ) async throws -> BaseImage {
        let descriptor = try await session.withImages(of: reference) { registry, repository in
            try await session.transfer("pulling", registry, layout) {
                try await $0.pull(
                    reference.manifest, of: repository, for: platform, withLayers: withLayers)
            }
        }
        return try await BlockingPool(name: "build").run("read an image") {
            try BaseImage(descriptor, of: layout, name: reference.description)
        }
    }

    private static func options(_ invocation: Invocation, _ session: Session) throws -> LayerBuild.Options {
        var modified: Int64? = 0
        if invocation[keepsTimes] {
            modified = nil
        } else if let text = session.variables["SOURCE_DATE_EPOCH"], !text.isEmpty {
            guard let seconds = Int64(text), seconds >= 0 else {
                throw ApolloError(
                    .invalid, "SOURCE_DATE_EPOCH is '\(text.printable)', and no number of seconds")
            }
            modified = seconds
        }
        return LayerBuild.Options(
            compression: invocation[ImageCommand.compression] ?? .gzip, modified: modified,
            keepsOwners: invocation[keepsOwners])
    }

    private static func defaults(_ invocation: Invocation) throws -> ImageConfiguration.Defaults {
        var labelled: ImageAnnotations = [:]
        for text in invocation[labels] {
            guard let mark = text.firstIndex(of: "="), mark != text.startIndex else {
                throw invocation.usageError("'\(text)' is no label: write NAME=VALUE")
            }
            labelled[String(text[..<mark])] = String(text[text.index(after: mark)...])
        }
        for text in invocation[environment]
        where text.firstIndex(of: "=").map({ $0 == text.startIndex }) ?? true {
            throw invocation.usageError("'\(text)' is no variable: write NAME=VALUE")
        }
        let exposed = try invocation[ports].map { text in
            let sides = text.split(separator: "/", omittingEmptySubsequences: false)
            guard sides.count <= 2, UInt16(sides[0]) != nil,
                sides.count == 1 || sides[1] == "tcp" || sides[1] == "udp"
            else { throw invocation.usageError("'\(text)' is no port: write 80 or 53/udp") }
            return sides.count == 1 ? "\(text)/tcp" : text
        }
        return ImageConfiguration.Defaults(
            user: invocation[user], exposedPorts: exposed, environment: invocation[environment],
            entrypoint: invocation[entrypoint], command: invocation[words],
            workingDirectory: invocation[directory], labels: labelled)
    }
}
