import Arguments
import Core
import IdentityClients
import IdentityMessages
import Terminal

/// `apollo user`.
enum UserCommand {
    static let command = Command(
        "user", summary: "Say who there is",
        discussion:
            "A user may nothing until a grant or a role says so. For administrators, but for one's own password.",
        subcommands: [create, list, password, disable, enable, remove])

    private static let name = Parameter.argument(.text("USER"), help: "The user.")
    private static let service = Parameter.flag(
        "service", help: "A program rather than a person: it has tokens, and no password.")
    private static let fromInput = Parameter.flag(
        "password-stdin", help: "Read the password from the standard input, rather than ask for it.")
    private static let current = Parameter.flag(
        "own",
        help:
            "Your own password: the old one is asked for before the new one; from the standard input, it is the first line."
    )

    private static let create = Command(
        "create", summary: "Make a user", parameters: [name, service, fromInput],
        examples: [
            Example("a person, whose password is asked for", "apollo user create ann"),
            Example("a program", "apollo user create deployer --service"),
        ],
        seeAlso: ["apollo grant add", "apollo role assign"]
    ) { invocation in
        let session = try Session(invocation)
        var request = UserRequest(name: invocation[name], kind: invocation[service] ? "service" : "user")
        if !invocation[service] {
            request.password = try Password.read(
                fromInput: invocation[fromInput], prompt: "Password for \(request.name)", repeats: true,
                session.errors)
        }
        let made = request
        let user = try await session.withIdentity { try await $0.createUser(made, key: Session.key()) }
        try session.say(user.name, user)
        return .success
    }

    private static let list = Command(
        "ls", aliases: ["list"], summary: "List users", examples: [Example("who is there?", "apollo user ls")]
    ) { invocation in
        let session = try Session(invocation)
        let users = try await session.withIdentity { try await $0.users() }
        try session.output.write(
            users, as: session.format,
            Table<UserView>([
                Column("NAME") { $0.name }, Column("KIND") { $0.kind },
                Column("STATE", style: { $0.disabled ? .red : nil }) {
                    $0.disabled ? "disabled" : $0.kind == "user" && !$0.hasPassword ? "no password" : "active"
                },
                Column("ROLES") { $0.roles.isEmpty ? nil : $0.roles.joined(separator: ", ") },
                Column("CREATED") { "\($0.createdAt)" }, Column("BY") { $0.createdBy },
            ]))
        return .success
    }

    private static let password = Command(
        "passwd", summary: "Set a password",
        discussion: "What was logged in with the old one is logged out. Tokens made for programs stay.",
        parameters: [name, current, fromInput],
        examples: [
            Example("your own", "apollo user passwd ann --own"),
            Example("of somebody who forgot it", "apollo user passwd ann"),
        ]
    ) { invocation in
        let session = try Session(invocation)
        var old: String?
        var new: String
        if invocation[current], invocation[fromInput] {
            let lines = try Password.read(fromInput: true, prompt: "", session.errors).split(
                separator: "\n", maxSplits: 1)
            guard lines.count == 2 else {
                throw ApolloError(
                    .invalid, "the standard input has not two lines",
                    hint: "the old password, then the new one")
            }
            (old, new) = (String(lines[0]), String(lines[1]))
        } else {
            if invocation[current] {
                old = try Password.read(fromInput: false, prompt: "The password of now", session.errors)
            }
            new = try Password.read(
                fromInput: invocation[fromInput], prompt: "New password of \(invocation[name])",
                repeats: true,
                session.errors)
        }
        let request = PasswordRequest(password: new, current: old)
        try await session.withIdentity { try await $0.setPassword(invocation[name], request) }
        try session.output.write("\(invocation[name])\n")
        return .success
    }

    private static let disable = state(
        "disable", "Keep a user out: neither passwords nor tokens are good until 'enable'", isDisabled: true)
    private static let enable = state("enable", "Let a user in again", isDisabled: false)

    private static func state(_ verb: String, _ summary: String, isDisabled: Bool) -> Command {
        Command(
            verb, summary: summary, parameters: [name],
            examples: [Example(isDisabled ? "keep her out" : "let her in", "apollo user \(verb) ann")]
        ) { invocation in
            let session = try Session(invocation)
            let user = try await session.withIdentity {
                try await $0.setDisabled(invocation[name], isDisabled)
            }
            try session.say(user.name, user)
            return .success
        }
    }

    private static let remove = Command(
        "rm", aliases: ["remove"], summary: "Remove a user with all tokens, grants and roles",
        parameters: [name],
        examples: [Example("remove her", "apollo user rm ann")], seeAlso: ["apollo user disable"]
    ) { invocation in
        let session = try Session(invocation)
        try await session.withIdentity { try await $0.removeUser(invocation[name]) }
        try session.output.write("\(invocation[name])\n")
        return .success
    }
}
