import Configuration
import Core
import Documents
import Testing

@Suite struct ReferenceTests {
    private func loaded(_ text: String, _ settings: Settings) throws -> ResolvedConfiguration {
        try ConfigurationLoader(
            settings: settings, host: HostFacts(variables: [:], userID: 0, home: "/root"),
            readFile: { _ throws(ApolloError) in Array(text.utf8) }
        ).load(path: "example.yaml")
    }

    /// The text with the comment marks before settings taken away.
    private func uncommented(_ text: String, _ settings: Settings) -> String {
        let names = settings.declarations.map { String($0.key.split(separator: ".").last!) }
        return text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            let rest = line.drop { $0 == " " }
            guard names.contains(where: { rest.hasPrefix("# \($0): ") }) else { return String(line) }
            return String(line.prefix(line.count - rest.count) + rest.dropFirst(2))
        }.joined(separator: "\n")
    }

    @Test func `the example explains every setting`() {
        #expect(
            Sample.settings.example().hasPrefix(
                """
                # All settings of Apollo. What is behind a comment mark shows the default: take the mark away to change it.
                # A variable of the environment goes before this file, and a flag before both.

                http:
                  # Where to listen.
                  # Must be a text, not an empty one. Variable: APOLLO_HTTP_ADDRESS
                  # address: "127.0.0.1"

                  # The port.
                  # Must be a port from 1 to 65535, or 0 for one that is free. Variable: APOLLO_HTTP_PORT
                  # port: 7070

                  tls:
                    # The key.
                    # Must be an absolute path such as /srv/apollo, or one that begins with ~/. Variable: APOLLO_HTTP_TLS_KEY
                    # Default: none
                    # key: /etc/key

                # How to work.
                # Must be one of fast, safe. Variable: APOLLO_MODE
                # mode: fast

                """))
    }

    @Test(arguments: [Sample.settings, PlatformSettings.all])
    func `the example loads as it is, and with every mark taken away`(settings: Settings) throws {
        let example = settings.example()
        #expect(try loaded(example, settings).entries.allSatisfy { $0.source == .default })
        let full = try loaded(uncommented(example, settings), settings)
        for declaration in settings.declarations {
            let entry = try #require(full.entries.first { $0.key == declaration.key })
            // Of a secret nothing is shown, and none is none.
            if declaration.isSecret || (entry.value.isNull && declaration.example == nil) { continue }
            #expect(entry.source != .default, "\(declaration.key)")
            if declaration.example == nil { #expect(entry.value == declaration.defaultValue) }
        }
    }

    @Test func `the page has every setting`() {
        let page = Sample.settings.markdown()
        #expect(
            page.contains(
                """
                ## limits.wait

                How long to wait.

                - Must be a duration such as 500ms, 90s, 2m30s, 1.5h or 7d.
                - Default: 90s
                - Variable: `APOLLO_LIMITS_WAIT`
                - Flag: `--limits-wait`

                """))
        #expect(page.contains("- Secret: hidden in"))
    }

    @Test func `the platform keeps its data where its user may write`() throws {
        func data(_ variables: [String: String], _ user: UInt32, _ home: String?) throws -> String {
            try ConfigurationLoader(
                settings: PlatformSettings.all,
                host: HostFacts(variables: variables, userID: user, home: home),
                readFile: { _ throws(ApolloError) in nil }
            ).load()[PlatformSettings.dataDirectory]
        }
        #expect(try data([:], 0, "/root") == "/var/lib/apollo")
        #expect(try data([:], 1000, "/h/ada") == "/h/ada/.local/share/apollo")
        #expect(try data(["XDG_DATA_HOME": "/x"], 1000, "/h/ada") == "/x/apollo")
        #expect(try data(["XDG_DATA_HOME": "relative"], 1000, "/h/ada") == "/h/ada/.local/share/apollo")
        #expect(try data([:], 1000, nil) == "/var/lib/apollo")
    }
}
