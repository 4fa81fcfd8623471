import Arguments
import Core
import IdentityClients
import IdentityMessages
import Terminal

/// `apollo whoami`.
enum WhoAmICommand {
    static let command = Command(
        "whoami", summary: "Say who you are for the platform, and what you may in the project",
        examples: [
            Example("who am I?", "apollo whoami"),
            Example("and in another project?", "apollo whoami --project shop"),
        ],
        seeAlso: ["apollo context show", "apollo grant ls"]
    ) { invocation in
        let session = try Session(invocation)
        let me = try await session.withIdentity { try await $0.whoAmI() }
        let rights = me.permissions.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
        try session.output.write(
            me, as: session.format,
            fields: [
                ("You are", me.principal), ("At", try session.resolvedAddress()),
                ("By", session.target.tokenSource), ("Until", me.token?.expires.map { "\($0)" }),
                ("Limited to", limits(me.token)),
                ("Roles", me.roles.isEmpty ? nil : me.roles.joined(separator: ", ")), ("Project", me.project),
                ("May there", rights.isEmpty ? "nothing" : rights.joined(separator: ", ")),
            ])
        return .success
    }

    private static func limits(_ token: TokenView?) -> String? {
        guard let token, token.permission != "manage" || !token.resources.isEmpty else { return nil }
        return ([token.permission] + token.resources).joined(separator: " ")
    }
}
