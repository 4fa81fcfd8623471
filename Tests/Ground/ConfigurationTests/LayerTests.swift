import Configuration
import Core
import Documents
import Testing

@Suite struct LayerTests {
    private static let file = """
        http:
          port: 8080
          tls:
            key: ~/tls.key
        mode: safe
        limits:
          wait: 2m30s
          memory: 1048576
        names: [ada, "grace h"]
        token: xyzzy
        """

    @Test func `without anything every setting has its default`() throws {
        let configuration = try Sample.loader().load()
        #expect(configuration.file == nil)
        #expect(configuration[Sample.port] == 7070)
        #expect(configuration[Sample.key] == nil)
        #expect(configuration[Sample.mode] == .fast)
        #expect(configuration[Sample.folder] == "/h/ada/here")
        #expect(configuration.entries.allSatisfy { $0.source == .default })
    }

    @Test func `the file goes before defaults, with types`() throws {
        let configuration = try Sample.loader(["a.yaml": Self.file]).load(path: "a.yaml")
        #expect(configuration[Sample.port] == 8080)
        #expect(configuration[Sample.key] == "/h/ada/tls.key")
        #expect(configuration[Sample.mode] == .safe)
        #expect(configuration[Sample.wait] == .seconds(150))
        #expect(configuration[Sample.memory] == .mebibytes(1))
        #expect(configuration[Sample.names] == ["ada", "grace h"])
        #expect(configuration[Sample.address] == "127.0.0.1")
        #expect(configuration.source(of: Sample.port) == .file("a.yaml", SourceLocation(line: 2, column: 9)))
    }

    @Test func `a path of a flag begins where the shell is`() throws {
        func folder(_ text: String) throws -> String {
            try Sample.loader().load(flags: [.init(key: "folder", text: text, spelling: "--folder")])[
                Sample.folder]
        }
        #expect(try folder("data") == "/h/ada/work/data")
        #expect(try folder("../data") == "/h/ada/work/../data")
        #expect(try folder("~/data") == "/h/ada/data")
        #expect(try folder("/srv") == "/srv")
        let key = ConfigurationLoader.Flag(key: "http.tls.key", text: "key.pem", spelling: "--key")
        #expect(try Sample.loader().load(flags: [key])[Sample.key] == "/h/ada/work/key.pem")
    }

    @Test func `variables go before the file, and flags before variables`() throws {
        let variables = [
            "APOLLO_HTTP_PORT": "9090", "APOLLO_VERBOSE": "yes", "APOLLO_NAMES": "x, y",
            "APOLLO_LIMITS_MEMORY": "2Gi",
            "APOLLO_MODE": "",
        ]
        let configuration = try Sample.loader(["a.yaml": Self.file], variables: variables).load(
            path: "a.yaml", flags: [.init(key: "verbose", text: "false", spelling: "--set verbose")])
        #expect(configuration[Sample.port] == 9090)
        #expect(!configuration[Sample.verbose])
        #expect(configuration[Sample.names] == ["x", "y"])
        #expect(configuration[Sample.memory] == .gibibytes(2))
        #expect(configuration[Sample.mode] == .safe, "an empty variable is none")
        #expect(
            configuration.entries.map { "\($0.key) = \($0.text) (\($0.source))" } == [
                "http.address = 127.0.0.1 (default)", "http.port = 9090 (APOLLO_HTTP_PORT)",
                "http.tls.key = /h/ada/tls.key (a.yaml:4)", "mode = safe (a.yaml:5)",
                "verbose = false (--set verbose)", "limits.wait = 150s (a.yaml:7)",
                "limits.memory = 2Gi (APOLLO_LIMITS_MEMORY)", "names = x, y (APOLLO_NAMES)",
                "token = (hidden) (a.yaml:10)", "folder = /h/ada/here (default)",
            ])
    }

    @Test func `entries are shown as json`() throws {
        let configuration = try Sample.loader(["a.yaml": Self.file]).load(path: "a.yaml")
        let json = try configuration.entries.prefix(2).map { entry in
            String(decoding: try JSONWriter.bytes(encoding: entry), as: UTF8.self)
        }
        #expect(
            json == [
                #"{"key":"http.address","source":"default","value":"127.0.0.1"}"#,
                #"{"file":"a.yaml","key":"http.port","line":2,"source":"file","value":8080}"#,
            ])
    }

    @Test func `a secret is never shown`() throws {
        let shown = try Sample.loader(["a.yaml": Self.file]).load(path: "a.yaml").entries
        #expect(!"\(shown)".contains("xyzzy"))
        #expect(Sample.token.declaration.flag == nil)
        #expect(!Sample.faults("token: [xyzzy]").joined().contains("xyzzy"))
    }

    @Test func `a file that is named must be there`() throws {
        let error = try #require(throws: ApolloError.self) { try Sample.loader().load(path: "~/no.yaml") }
        #expect(error.kind == .notFound)
        #expect(error.message.contains("/h/ada/no.yaml"))
        #expect(throws: ApolloError.self) {
            try Sample.loader(variables: ["APOLLO_CONFIG": "/no.yaml"]).load()
        }
    }

    @Test func `the usual files are the user's, then the machine's`() throws {
        let (own, system) = ("/h/ada/.config/apollo/apollo.yaml", "/etc/apollo/apollo.yaml")
        let files = [own: "mode: safe", system: "verbose: true"]
        #expect(try Sample.loader(files).load().file == own)
        #expect(try Sample.loader([system: "verbose: true"]).load()[Sample.verbose])
        #expect(
            try Sample.loader(["/x/apollo/apollo.yaml": ""], variables: ["XDG_CONFIG_HOME": "/x"]).load().file
                == "/x/apollo/apollo.yaml")
        #expect(
            try Sample.loader(files, variables: ["APOLLO_CONFIG": system]).load(path: nil).file == system)
    }

    @Test func `empty files, empty groups and nulls leave the defaults`() throws {
        for text in ["", "# nothing\n", "http:\n", "http:\n  port:\n", "http: {}", "mode: ~"] {
            #expect(Sample.faults(text) == [])
        }
    }

    @Test func `variables that look like those of settings are warned of`() throws {
        let warnings = try Sample.loader(variables: [
            "APOLLO_HTP_PORT": "1", "APOLLO_TOKEN_FILE_OF_ANOTHER": "x", "APOLLO_ADDRESS": "x",
            "APOLLO_SERVICE_HOST": "10.0.0.1",
        ]).load().warnings
        #expect(
            warnings == [
                "the variable APOLLO_HTP_PORT is not that of a setting; did you mean APOLLO_HTTP_PORT?"
            ])
    }
}
