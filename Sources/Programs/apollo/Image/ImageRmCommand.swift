import Arguments
import Core
import ImageModel
import ImageTransfers
import Terminal

/// `apollo image rm`.
enum ImageRmCommand {
    private static let images = Parameter.arguments(ImageCommand.image, help: "The images.")
    private static let isAll = Parameter.flag(
        "manifest", help: "What the tag stands for, with all its other tags, rather than the tag alone.")

    static let command = Command(
        "rm", aliases: ["remove"], summary: "Remove tags, or images with all their tags",
        discussion: """
            Their layers go with the collection of garbage, once no image uses them. Of REPOSITORY@DIGEST the image goes, with all its tags.
            """,
        parameters: [images, isAll],
        examples: [
            Example("a tag", "apollo image rm shop/app:1.0"),
            Example("the image, with every tag", "apollo image rm --manifest shop/app:1.0"),
        ]
    ) { invocation in
        let session = try Session(invocation)
        let isAll = invocation[isAll]
        for reference in invocation[images] {
            let name = try session.repository(reference)
            try await session.withImages { registry in
                var target = reference.manifest
                if isAll, case .tag = target {
                    guard let digest = try await registry.digest(name, target) else {
                        throw ApolloError(
                            .notFound, "there is no image '\(reference)'",
                            hint: "'apollo image tags \(name)' lists what is there")
                    }
                    target = .digest(digest)
                }
                try await registry.delete(name, target)
            }
            try session.output.write("\(reference.description.printable)\n")
        }
        return .success
    }
}
