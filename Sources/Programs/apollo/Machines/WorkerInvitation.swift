import Certificates
import Core

/// What lets a machine join, on one line: `<token>@<address>`.
struct WorkerInvitation {
    let token: JoinToken
    /// The address of the API, with its scheme.
    let address: String

    /// By the option, or in the first line of the file, whichever is given; nil for neither.
    static func given(_ text: String?, file: String?) throws -> WorkerInvitation? {
        switch (text, file) {
        case (_?, _?):
            throw ApolloError(
                .invalid, "--join and --join-file exclude each other", hint: "give one of them")
        case (let text?, nil): return try WorkerInvitation(parsing: text)
        case (nil, let file?):
            let path = file == "-" ? "/dev/stdin" : file
            guard let text = try PrivateFile.read(path) else {
                throw ApolloError(
                    .notFound, "there is no file \(path)", hint: "name it with --join-file")
            }
            return try WorkerInvitation(parsing: String(text.prefix { !$0.isNewline }))
        case (nil, nil): return nil
        }
    }

    init(parsing text: String) throws(ApolloError) {
        guard let at = text.firstIndex(of: "@"), let token = JoinToken(parsing: String(text[..<at])) else {
            throw ApolloError(
                .invalid, "that is no join token with an address, or not all of one",
                hint: "write it as TOKEN@HOST:PORT; 'apollo node token create' prints the token, apj_….….…",
                fields: [FieldError(path: "join", message: "is not TOKEN@HOST:PORT")])
        }
        self.token = token
        address = try Self.url(String(text[text.index(after: at)...]))
    }

    /// An address with its scheme: https, but for this machine itself.
    static func url(_ text: String) throws(ApolloError) -> String {
        guard !text.isEmpty, !text.contains(where: \.isWhitespace) else {
            throw ApolloError(
                .invalid, "the join token is without the address of the manager",
                hint: "write it as TOKEN@HOST:PORT, such as apj_….….…@10.0.0.1:7070")
        }
        if text.hasPrefix("http://") || text.hasPrefix("https://") {
            return text.hasSuffix("/") ? String(text.dropLast()) : text
        }
        return isLoopback(host(of: text)) ? "http://\(text)" : "https://\(text)"
    }

    /// `10.0.0.1` of `https://10.0.0.1:7070`, `::1` of `[::1]:7070`.
    static func host(of address: String) -> String {
        var rest = address[...]
        for scheme in ["http://", "https://"] where rest.hasPrefix(scheme) {
            rest = rest.dropFirst(scheme.count)
        }
        rest = rest.prefix { $0 != "/" }
        if rest.hasPrefix("[") { return String(rest.dropFirst().prefix { $0 != "]" }) }
        return String(rest.prefix { $0 != ":" })
    }

    static func isLoopback(_ host: String) -> Bool {
        host == "localhost" || host == "::1" || host.hasPrefix("127.")
    }
}
