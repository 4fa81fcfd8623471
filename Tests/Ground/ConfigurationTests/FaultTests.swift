import Configuration
import Core
import Glibc
import PseudoTerminals
import Testing

@Suite struct FaultTests {
    @Test(arguments: [
        ("http:\n  prot: 1\n", "a.yaml:2:3: unknown setting 'http.prot'; did you mean 'http.port'?"),
        ("htpt:\n  port: 1\n", "a.yaml:1:1: unknown setting 'htpt'; did you mean 'http'?"),
        ("port: 1\n", "a.yaml:1:1: unknown setting 'port'; did you mean 'http.port'?"),
        (
            "http.port: 1\n",
            "a.yaml:1:1: unknown setting 'http.port' in one line: write 'http:', and under it 'port:'"
        ),
        ("xyzzy: 1\n", "a.yaml:1:1: unknown setting 'xyzzy'"),
        (
            "http: 80\n",
            "a.yaml:1:7: 'http' is a group: put 'address', 'port' or 'tls' under it, not a number"
        ),
        ("- http\n", "a.yaml:1:1: must be settings such as 'http:', not a list"),
        ("hello\n", "a.yaml:1:1: must be settings such as 'http:', not a string"),
        (
            "http:\n  port: many\n",
            "a.yaml:2:9: 'http.port' must be a port from 1 to 65535, or 0 for one that is free, not 'many'"
        ),
        (
            "http: {port: 65536}",
            "a.yaml:1:14: 'http.port' must be a port from 1 to 65535, or 0 for one that is free, not 65536"
        ),
        (
            "http: {port: \"80\"}",
            "a.yaml:1:14: 'http.port' must be a port from 1 to 65535, or 0 for one that is free, not '80'"
        ),
        (
            "http: {port: 80.0}",
            "a.yaml:1:14: 'http.port' must be a port from 1 to 65535, or 0 for one that is free, not 80.0"
        ),
        ("http: {address: 1}", "a.yaml:1:17: 'http.address' must be a text, not an empty one, not 1"),
        ("http: {address: \"\"}", "a.yaml:1:17: 'http.address' must be a text, not an empty one, not ''"),
        ("verbose: yes\n", "a.yaml:1:10: 'verbose' must be true or false, not 'yes'"),
        ("mode: slow\n", "a.yaml:1:7: 'mode' must be one of fast, safe, not 'slow'"),
        (
            "limits: {wait: -1}",
            "a.yaml:1:16: 'limits.wait' must be a duration such as 500ms, 90s, 2m30s, 1.5h or 7d, not -1"
        ),
        (
            "limits: {memory: -1}",
            "a.yaml:1:18: 'limits.memory' must be a number of bytes such as 512Mi, 2Gi or 100M, not -1"
        ),
        (
            "names: [a, 1]",
            "a.yaml:1:8: 'names' must be a list of at most 3, each a text, not an empty one, not a list"
        ),
        (
            "names: [a, b, c, d]",
            "a.yaml:1:8: 'names' must be a list of at most 3, each a text, not an empty one, not a list"
        ),
        (
            "folder: here\n",
            "a.yaml:1:9: 'folder' must be an absolute path such as /srv/apollo, or one that begins with ~/, not 'here'"
        ),
        ("token: 12\n", "a.yaml:1:8: 'token' must be a text, not an empty one, not a number"),
        ("mode: safe\nmode: fast\n", "a.yaml:2:1: the key 'mode' stands twice, first on line 1, column 1"),
        ("mode: [\n", "a.yaml:2:1: "),
    ])
    func `what is wrong in the file is named with its line and column`(text: String, message: String) throws {
        let faults = Sample.faults(text)
        try #require(faults.count == 1, "\(faults)")
        #expect(message.hasSuffix(": ") ? faults[0].hasPrefix(message) : faults[0] == message)
    }

    @Test func `what is wrong in variables and flags is named, and all at once`() {
        let faults = Sample.faults(
            "mode: slow", variables: ["APOLLO_HTTP_PORT": "http", "APOLLO_NAMES": "a,,b"],
            flags: [
                .init(key: "verbose", text: "perhaps", spelling: "--verbose"),
                .init(key: "http.prot", text: "1", spelling: "--set http.prot"),
                .init(key: "token", text: "", spelling: "--token"),
            ])
        #expect(
            faults == [
                "a.yaml:1:7: 'mode' must be one of fast, safe, not 'slow'",
                "APOLLO_HTTP_PORT: 'http.port' must be a port from 1 to 65535, or 0 for one that is free, not 'http'",
                "APOLLO_NAMES: 'names' must be a list of at most 3, each a text, not an empty one, not 'a,,b'",
                "--verbose: 'verbose' must be true or false, not 'perhaps'",
                "--set http.prot: unknown setting 'http.prot'; did you mean 'http.port'?",
                "--token: 'token' must be a text, not an empty one, not what it is",
            ])
    }

    @Test func `a home that is not there cannot be meant`() {
        let loader = ConfigurationLoader(
            settings: Sample.settings,
            host: HostFacts(variables: ["APOLLO_FOLDER": "~/x"], userID: 1, home: nil),
            readFile: { _ throws(ApolloError) in nil })
        #expect(throws: ApolloError.self) { try loader.load() }
    }

    @Test func `thousands of faults are told by the first few`() throws {
        let text = (0..<5000).map { "unknown-\($0): 1\n" }.joined()
        let error = try #require(throws: ApolloError.self) {
            try Sample.loader(["a.yaml": text]).load(path: "a.yaml")
        }
        #expect(error.fields.count == 32)
        #expect(error.message.contains("5000 places"))
    }

    @Test func `settings that contradict each other are found`() {
        #expect(Sample.settings.problems.isEmpty)
        #expect(PlatformSettings.all.problems.isEmpty)
    }
}

@Suite struct ConfigurationFileTests {
    /// A directory that goes away with the test.
    private final class Folder {
        let path: String

        init() {
            var template = Array("/tmp/apollo-configuration-XXXXXX".utf8CString)
            path = template.withUnsafeMutableBufferPointer { String(cString: mkdtemp($0.baseAddress!)) }
        }

        deinit { rmdir(path) }

        func write(_ bytes: [UInt8], _ name: String) -> String {
            let file = "\(path)/\(name)"
            let descriptor = creat(file, 0o600)
            var rest = bytes[...]
            while !rest.isEmpty {
                let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
                guard count > 0 else { break }
                rest = rest.dropFirst(count)
            }
            close(descriptor)
            return file
        }
    }

    @Test func `a file is read, and one that is not there is nil`() throws {
        let folder = Folder()
        let file = folder.write(Array("mode: safe\n".utf8), "a.yaml")
        defer { unlink(file) }
        #expect(try ConfigurationFile.read(file) == Array("mode: safe\n".utf8))
        #expect(try ConfigurationFile.read(folder.path + "/none") == nil)
        #expect(try ConfigurationFile.read(file + "/none") == nil)
    }

    @Test func `a program shows its configuration, or what is wrong with it`() throws {
        let folder = Folder()
        let file = folder.write(Array("http: {port: 8080}\nlog: {level: loud}\n".utf8), "a.yaml")
        defer { unlink(file) }
        let program = try builtProgram("cli-sample")
        let wrong = try runProgram([program, "config", "show", "--config", file])
        #expect(wrong.status == 65 && wrong.output == "")
        #expect(
            wrong.errors == """
                cli-sample: the configuration is wrong in one place
                  \(file):2:14: 'log.level' must be one of debug, info, warning, error, not 'loud'
                hint: 'apollo config reference' explains every setting

                """)
        let shown = try runProgram(
            [program, "config", "show", "--set", "log.format=json"],
            variables: ["APOLLO_HTTP_PORT": "9090", "HOME": folder.path, "XDG_CONFIG_HOME": folder.path])
        #expect(shown.status == 0 && shown.errors == "")
        #expect(shown.output.contains("9090"))
        #expect(shown.output.contains("APOLLO_HTTP_PORT\n"))
        #expect(shown.output.contains("--set log.format\n"))
    }

    @Test func `what is no file, or too large, is refused`() throws {
        let folder = Folder()
        #expect(throws: ApolloError.self) { try ConfigurationFile.read(folder.path) }
        #expect(throws: ApolloError.self) { try ConfigurationFile.read("/dev/zero") }
        let pipe = folder.path + "/pipe"
        try #require(mkfifo(pipe, 0o600) == 0)
        defer { unlink(pipe) }
        #expect(throws: ApolloError.self) { try ConfigurationFile.read(pipe) }
        let file = folder.write([UInt8](repeating: 0x20, count: (1 << 20) + 1), "large")
        defer { unlink(file) }
        let error = try #require(throws: ApolloError.self) { try ConfigurationFile.read(file) }
        #expect(error.message.hasSuffix("has more than 1MiB"))
    }
}
