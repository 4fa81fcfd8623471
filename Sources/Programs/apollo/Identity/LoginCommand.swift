import APIClients
import Arguments
import Core
import Glibc
import HTTPClients
import IdentityClients
import IdentityMessages
import Terminal

/// `apollo login`.
enum LoginCommand {
    static let user = Parameter.option("user", short: "u", .text("NAME"), help: "Who you are there.")
    static let fromInput = Parameter.flag(
        "password-stdin", help: "Read the password from the standard input, rather than ask for it.")
    static let name = Parameter.option(
        "name", .text("NAME"), help: "What to call the context; the user's name unless said.")
    static let age = Parameter.option("age", .duration, help: "How long the login should be good for.")
    static let fingerprint = Parameter.option(
        "ca-fingerprint", .text("SHA256"),
        help:
            "The fingerprint of the platform's own authority, as 'apollo ca show' prints it there; asked for at a terminal unless said."
    )
    static let browser = Parameter.flag(
        "browser", help: "Print a link that logs a browser in, once, within a minute.")

    static let command = Command(
        "login", summary: "Log in to a platform with a user's name and password",
        discussion: """
            Gets a token and keeps it, with the platform's address, as a context in ~/.config/apollo/contexts.yaml, which the \
            commands use from then on. On the platform's own machine no login is needed: there the administrator's token \
            is found in the data directory.

            A platform with an authority of its own (--tls own) is trusted at the first login: its fingerprint is shown, to be \
            compared with 'apollo ca show' there, and confirmed or given with --ca-fingerprint. Nothing is sent before. From \
            then on the context trusts that authority alone, and those that it hands over to.

            With --browser nothing is kept: whoever you are already is logged in to the pages by the link.
            """,
        parameters: [user, fromInput, name, age, fingerprint, browser],
        examples: [
            Example("log in", "apollo login --address https://apollo.example:7070 --user ann"),
            Example(
                "from a script",
                "apollo login --address https://10.0.0.1:7070 --user ann --password-stdin --ca-fingerprint SHA256 < password"
            ),
            Example("see the pages, without a password", "apollo login --browser"),
        ],
        seeAlso: ["apollo context", "apollo whoami", "apollo logout"]
    ) { invocation in
        let session = try Session(invocation)
        if invocation[browser] {
            let code = try await session.withIdentity { try await $0.loginLink() }
            try session.output.write("\(try session.resolvedAddress())\(code.path)\n")
            return .success
        }
        guard let user = invocation[user] else { throw invocation.usageError("name the user with --user") }
        var contexts = try Contexts(variables: session.variables)
        let name = invocation[name] ?? invocation[GlobalOptions.context] ?? user
        let pin = try await FirstTrust(session, pinPath: contexts.pinPath(of: name)).establish(
            fingerprint: invocation[fingerprint])
        defer { pin?.abandon() }
        let password = try Password.read(
            fromInput: invocation[fromInput], prompt: "Password of \(user)", session.errors)
        let request = LoginRequest(
            user: user, password: password, note: "login on \(hostName)",
            age: invocation[age].map { $0 / .seconds(1) })
        let token = try await session.withAnonymous(trusting: pin?.file) { try await $0.logIn(request) }
        guard let secret = token.token else {
            throw ApolloError(
                .corrupt, "the platform's answer holds no token", hint: "is it of this version?")
        }
        try pin?.keep()
        let isPinned = pin != nil || session.target.pin != nil
        contexts.entries[name] = Contexts.Entry(
            address: try session.resolvedAddress(), token: secret,
            project: session.target.project == "default" ? nil : session.target.project, user: user,
            authorities: pin?.path ?? session.target.authorities,
            fingerprint: isPinned ? pin?.fingerprint ?? session.target.pin : nil)
        contexts.current = name
        try contexts.save()
        try session.output.write(
            "Logged in as \(user) until \(token.expires.map { "\($0)" } ?? "it is revoked"); the context is '\(name)'\n"
        )
        return .success
    }

    private static var hostName: String {
        var bytes = [CChar](repeating: 0, count: 256)
        guard gethostname(&bytes, bytes.count - 1) == 0 else { return "this machine" }
        return bytes.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
    }
}

/// `apollo logout`.
enum LogoutCommand {
    static let command = Command(
        "logout", summary: "End the token of the context, and forget it",
        discussion: "The token is worth nothing afterwards, wherever it was copied to.",
        examples: [Example("log out", "apollo logout")], seeAlso: ["apollo login", "apollo token rm"]
    ) { invocation in
        let session = try Session(invocation)
        guard let context = session.target.context else {
            throw ApolloError(.notFound, "there is no login to end", hint: "'apollo context ls' lists them")
        }
        do {
            try await session.withIdentity { try await $0.logOut() }
        } catch let error as ApolloError where error.kind == .unauthenticated {
            // It is worth nothing already: what is left is to forget it.
        }
        var contexts = try Contexts(variables: session.variables)
        contexts.remove(context.name)
        try contexts.save()
        try session.output.write("Logged out of '\(context.name)'\n")
        return .success
    }
}

/// Reads passwords, which never stand on a command line.
enum Password {
    /// - Parameter repeats: whether a person has to type it twice.
    static func read(fromInput: Bool, prompt: String, repeats: Bool = false, _ errors: Output) throws
        -> String
    {
        if fromInput || isatty(STDIN_FILENO) != 1 {
            let bytes = try SecretInput.all(of: STDIN_FILENO, "the standard input")
            let text = String(decoding: bytes.bytes, as: UTF8.self)
            return text.hasSuffix("\n") ? String(text.dropLast()) : text
        }
        let first = try ask(prompt, errors)
        guard repeats else { return first }
        guard try ask("The same again", errors) == first else {
            throw ApolloError(.invalid, "the two passwords differ", hint: "nothing was changed; try again")
        }
        return first
    }

    private static func ask(_ prompt: String, _ errors: Output) throws -> String {
        let bytes = try SecretInput.typed { try errors.write("\(prompt.printable) (not shown): ") }
        try errors.write("\n")
        return String(decoding: bytes.bytes, as: UTF8.self)
    }
}
