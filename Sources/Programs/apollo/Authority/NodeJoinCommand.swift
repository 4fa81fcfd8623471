import Arguments
import AuthorityClients
import AuthorityMessages
import Certificates
import Core
import Cryptography
import Glibc
import PlatformClients
import Terminal

/// `apollo node join` and `apollo node renew`.
enum NodeJoinCommand {
    private static let token = Parameter.required(
        "join-token-file", .path, help: "A file with the join token; '-' for the standard input.")
    private static let name = Parameter.required("name", .text("NAME"), help: "What this machine is called.")
    private static let directory = Parameter.required(
        "directory", .directory, help: "Where its key and certificates are: node.key, node.crt, ca.crt.")

    static let join = Command(
        "join", summary: "Join a platform: get a certificate for this machine",
        discussion: """
            Makes a key, which stays here, and has the platform sign a certificate for it. The platform is only believed if \
            its authority has the fingerprint that the token names.
            """,
        parameters: [token, name, directory],
        examples: [
            Example(
                "on the new machine",
                "apollo node join --address https://10.0.0.1:7070 --join-token-file token --name worker-1 --directory /etc/apollo/node"
            )
        ],
        seeAlso: ["apollo node token create"]
    ) { invocation in
        let session = try Session(invocation)
        let path = invocation[token] == "-" ? "/dev/stdin" : invocation[token]
        let text = try PrivateFile.read(path).map { String($0.prefix { !$0.isNewline }) } ?? ""
        guard let token = JoinToken(parsing: text) else {
            throw ApolloError(
                .invalid, "\(path) holds no join token, or not all of one",
                hint: "it is one line, apj_….….…; 'apollo node token create' prints it")
        }
        let files = NodeFiles(directory: invocation[directory])
        let trust = try await files.trust(
            try session.resolvedAddress(), token, given: session.target.authorities)
        let answer = try await session.withClient(isKnown: false, trusting: trust) { client in
            let api = AuthorityClient(client.api)
            try check(try await api.authorities(), token)
            let key = try files.key()
            let request = try made { () throws(CertificateError) in
                try SigningRequest.make(for: key).pem()
            }
            return try await api.join(
                JoinRequest(token: token.text, name: invocation[name], request: request))
        }
        try files.write(answer)
        try session.output.write("\(answer.principal) has joined, until \(answer.notAfter)\n")
        return .success
    }

    static let renew = Command(
        "renew", summary: "Get the next certificate of this machine, by its key",
        discussion:
            "Due after two thirds of a certificate's 30 days. One that has expired cannot be renewed.",
        parameters: [directory]
    ) { invocation in
        let session = try Session(invocation)
        let files = NodeFiles(directory: invocation[directory])
        let trust = session.target.authorities ?? files.ownAuthorities
        let answer = try await session.withClient(isKnown: false, trusting: trust) { client in
            let request = try files.renewal(at: session.now)
            return try await AuthorityClient(client.api).renew(request)
        }
        try files.write(answer)
        try session.output.write("\(answer.principal) is renewed, until \(answer.notAfter)\n")
        return .success
    }

    /// Throws unless the platform is the one that made the token: nothing was sent to it yet.
    static func check(_ bundle: TrustBundle, _ token: JoinToken) throws {
        let isKnown = bundle.items.contains { authority in
            // The certificate counts, not what the platform says of it.
            let chain = try? Certificate.chain(pem: Array(authority.certificate.utf8))
            return chain?.first?.fingerprint == token.fingerprint
        }
        guard isKnown else {
            throw stranger
        }
    }

    static let stranger = ApolloError(
        .denied, "this is not the platform that the join token is of: its authority is another",
        hint: "check --address; the token was not sent")

    static func made<Value>(_ body: () throws(CertificateError) -> Value) throws -> Value {
        do throws(CertificateError) { return try body() } catch { throw error.asApolloError }
    }
}
