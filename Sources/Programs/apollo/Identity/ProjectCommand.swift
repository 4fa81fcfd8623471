import Arguments
import Core
import IdentityClients
import IdentityMessages
import Terminal

/// `apollo project`.
enum ProjectCommand {
    static let command = Command(
        "project", summary: "Keep things apart",
        discussion: """
            Everything belongs to a project, 'default' unless --project, APOLLO_PROJECT or the context says another. Who holds \
            nothing in a project does not learn that it is there.
            """,
        subcommands: [create, list, use, remove])

    private static let name = Parameter.argument(.text("NAME"), help: "The project.")

    private static let create = Command(
        "create", summary: "Make a project, which you manage", parameters: [name],
        examples: [Example("make it", "apollo project create shop")], seeAlso: ["apollo grant add"]
    ) { invocation in
        let session = try Session(invocation)
        let project = try await session.withIdentity {
            try await $0.createProject(invocation[name], key: Session.key())
        }
        try session.say(project.name, project)
        return .success
    }

    private static let list = Command(
        "ls", aliases: ["list"], summary: "List the projects you can see",
        examples: [Example("which are there?", "apollo project ls")]
    ) { invocation in
        let session = try Session(invocation)
        let projects = try await session.withIdentity { try await $0.projects() }
        try session.output.write(
            projects, as: session.format,
            Table<ProjectView>([
                Column("") { $0.name == session.target.project ? "*" : "" }, Column("NAME") { $0.name },
                Column("CREATED") { "\($0.createdAt)" }, Column("BY") { $0.createdBy },
            ]))
        return .success
    }

    private static let use = Command(
        "use", summary: "Make it the project of the context, which is meant where none is named",
        parameters: [name],
        examples: [Example("work in it", "apollo project use shop")], seeAlso: ["apollo context show"]
    ) { invocation in
        let session = try Session(invocation)
        guard let context = session.target.context else {
            throw ApolloError(
                .notFound, "there is no context to keep it in",
                hint: "log in with 'apollo login', or set APOLLO_PROJECT")
        }
        let project = try await session.withIdentity { try await $0.project(invocation[name]) }
        var contexts = try Contexts(variables: session.variables)
        contexts.entries[context.name]?.project = project.name
        try contexts.save()
        try session.output.write("\(project.name)\n")
        return .success
    }

    private static let remove = Command(
        "rm", aliases: ["remove"], summary: "Remove an empty project, and what is granted in it",
        parameters: [name],
        examples: [Example("remove it", "apollo project rm shop")]
    ) { invocation in
        let session = try Session(invocation)
        try await session.withIdentity { try await $0.removeProject(invocation[name]) }
        try session.output.write("\(invocation[name])\n")
        return .success
    }
}
