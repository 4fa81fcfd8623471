import Arguments
import Core
import ImageModel
import ImageTransfers
import Terminal

/// `apollo image ls`.
enum ImageLsCommand {
    private struct Entry: Sendable, Encodable {
        var repository: String
        var tags: [String]
    }

    private static let prefix = Parameter.optionalArgument(
        .text("PREFIX"), help: "Only repositories whose names begin with it.")

    static let command = Command(
        "ls", aliases: ["list"], summary: "List repositories and their tags", parameters: [prefix],
        examples: [
            Example("all that you may see", "apollo image ls"),
            Example("of a project", "apollo image ls shop/"),
        ]
    ) { invocation in
        let session = try Session(invocation)
        let prefix = invocation[prefix] ?? ""
        let entries = try await session.withImages { registry in
            var entries: [Entry] = []
            for name in try await registry.repositories() where name.hasPrefix(prefix) {
                let tags: [String]
                do {
                    tags = try await registry.tags(try RepositoryName(parsing: name))
                } catch let error as ApolloError where error.kind == .denied || error.kind == .notFound {
                    tags = []  // What may be seen and not read, or has gone just now.
                }
                entries.append(Entry(repository: name, tags: tags))
            }
            return entries
        }
        try session.output.write(
            entries, as: session.format,
            Table<Entry>([
                Column("REPOSITORY") { $0.repository.printable },
                Column("TAGS") { entry in
                    let shown = entry.tags.prefix(8).joined(separator: ", ")
                    return entry.tags.count > 8 ? "\(shown) and \(entry.tags.count - 8) more" : shown
                },
            ]))
        return .success
    }
}

/// `apollo image tags`.
enum ImageTagsCommand {
    private struct Entry: Sendable, Encodable {
        var tag: String
        var digest: String?
    }

    private static let repository = Parameter.argument(
        ImageCommand.image.named("REPOSITORY"), help: "The repository.")

    static let command = Command(
        "tags", summary: "List the tags of a repository, with what they stand for", parameters: [repository],
        examples: [Example("what versions are there?", "apollo image tags shop/app")]
    ) { invocation in
        let session = try Session(invocation)
        let entries = try await session.withImages(of: invocation[repository]) { registry, name in
            var entries: [Entry] = []
            for tag in try await registry.tags(name) {
                let digest = try await registry.digest(name, .tag(try ImageTag(parsing: tag)))
                entries.append(Entry(tag: tag, digest: digest?.text))
            }
            return entries
        }
        try session.output.write(
            entries, as: session.format,
            Table<Entry>([Column("TAG") { $0.tag.printable }, Column("DIGEST") { $0.digest }]))
        return .success
    }
}
