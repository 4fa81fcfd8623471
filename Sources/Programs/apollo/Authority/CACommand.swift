import Arguments
import AuthorityClients
import AuthorityMessages
import Core
import PlatformClients
import Terminal

/// `apollo ca`.
enum CACommand {
    static let command = Command(
        "ca", summary: "Look after the platform's own certificate authority",
        subcommands: [show, list, rotate, revoke])

    private static let pem = Parameter.flag("pem", help: "Print the certificates, for a file of authorities.")
    private static let serial = Parameter.argument(
        ValueType<String>("SERIAL", expecting: "a serial number") { $0.isEmpty ? nil : $0 },
        help: "The certificate's serial number.")

    private static let show = Command(
        "show", summary: "Show which authorities are trusted", parameters: [pem],
        examples: [Example("what other programs shall trust", "apollo ca show --pem > apollo-ca.pem")]
    ) { invocation in
        let session = try Session(invocation)
        let bundle = try await session.withClient { try await AuthorityClient($0.api).authorities() }
        if invocation[pem] {
            for authority in bundle.items { try session.output.write(authority.certificate) }
        } else {
            try session.output.write(bundle.items, as: session.format, authorities)
        }
        return .success
    }

    private static let list = Command(
        "ls", aliases: ["list"], summary: "List the certificates that were issued"
    ) { invocation in
        let session = try Session(invocation)
        let all = try await session.withClient { try await AuthorityClient($0.api).certificates() }
        try session.output.write(all, as: session.format, certificates)
        return .success
    }

    private static let rotate = Command(
        "rotate", summary: "Make a new authority, which signs from now on",
        discussion: """
            The one before it is trusted for 60 days more, twice as long as what it signed is valid. Whoever keeps a file of \
            authorities should fetch it anew: 'apollo ca show --pem'.
            """
    ) { invocation in
        let session = try Session(invocation)
        let bundle = try await session.withClient { try await AuthorityClient($0.api).rotate() }
        try session.output.write(bundle.items, as: session.format, authorities)
        return .success
    }

    private static let revoke = Command(
        "revoke", summary: "Call a certificate back: it is refused from now on", parameters: [serial]
    ) { invocation in
        let session = try Session(invocation)
        try await session.withClient { try await AuthorityClient($0.api).revoke(invocation[serial]) }
        try session.output.write("\(invocation[serial])\n")
        return .success
    }

    private static let authorities = Table<TrustedAuthority>([
        Column("FINGERPRINT") { $0.fingerprint }, Column("SIGNS") { $0.isActive ? "yes" : "no" },
        Column("VALID UNTIL") { $0.notAfter.description },
    ])

    private static let certificates = Table<IssuedCertificate>([
        Column("SERIAL") { $0.serial }, Column("FOR") { $0.principal },
        Column("ISSUED") { $0.issuedAt.description }, Column("VALID UNTIL") { $0.notAfter.description },
        Column("REVOKED") { $0.revokedAt?.description },
    ])
}
