import Core
import Glibc
import Identity
import Testing

@Suite(.timeLimit(.minutes(1))) struct AdminTokenFileTests {
    /// Runs `body` with a private directory and the path of the token in it.
    private func withDirectory(_ body: (_ directory: String, _ path: String) async throws -> Void)
        async throws
    {
        var template = Array("/tmp/apollo-identity-XXXXXX".utf8CString)
        try #require(mkdtemp(&template) != nil)
        let directory = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let path = AdminTokenFile.path(in: directory)
        defer {
            unlink(path)
            rmdir(directory)
        }
        try await body(directory, path)
        // Nothing else was left in it.
        unlink(path)
        #expect(rmdir(directory) == 0)
    }

    private func write(_ text: String, to path: String, mode: mode_t = 0o600) throws {
        let file = open(path, O_WRONLY | O_CREAT | O_TRUNC, mode)
        try #require(file >= 0)
        defer { close(file) }
        try #require(fchmod(file, mode) == 0)
        let bytes = Array(text.utf8)
        try #require(Glibc.write(file, bytes, bytes.count) == bytes.count)
    }

    private func kind(_ body: () throws -> BearerToken) throws -> ErrorKind? {
        do {
            _ = try body()
            return nil
        } catch let error as ApolloError {
            #expect(error.hint != nil)
            #expect(error.message.contains("/tmp/apollo-identity-"))
            return error.kind
        }
    }

    @Test func `the first start makes it for its user alone, later ones read it`() async throws {
        try await withDirectory { directory, path in
            #expect(try kind { try AdminTokenFile.load(in: directory) } == .notFound)
            let token = try AdminTokenFile.loadOrCreate(in: directory)
            var status = stat()
            #expect(stat(path, &status) == 0)
            #expect(status.st_mode & 0o7777 == 0o600)
            #expect(status.st_nlink == 1)
            #expect(status.st_size == 48)
            #expect(try AdminTokenFile.loadOrCreate(in: directory).text == token.text)
            #expect(try AdminTokenFile.load(in: directory).text == token.text)
        }
    }

    @Test func `of many that start at once all get the same token`() async throws {
        try await withDirectory { directory, _ in
            let tokens = try await withThrowingTaskGroup(of: String.self) { group in
                for _ in 0..<50 { group.addTask { try AdminTokenFile.loadOrCreate(in: directory).text } }
                var tokens: Set<String> = []
                for try await token in group { tokens.insert(token) }
                return tokens
            }
            #expect(tokens.count == 1)
        }
    }

    @Test(arguments: [0o640, 0o604, 0o644, 0o660, 0o620, 0o601])
    func `a file that others may touch is refused and kept`(_ mode: Int) async throws {
        try await withDirectory { directory, path in
            let token = try AdminTokenFile.loadOrCreate(in: directory)
            #expect(chmod(path, mode_t(mode)) == 0)
            #expect(try kind { try AdminTokenFile.load(in: directory) } == .denied)
            #expect(try kind { try AdminTokenFile.loadOrCreate(in: directory) } == .denied)
            #expect(chmod(path, 0o600) == 0)
            #expect(try AdminTokenFile.load(in: directory).text == token.text)
        }
    }

    @Test func `a file without a token is refused and kept`() async throws {
        try await withDirectory { directory, path in
            let text = try BearerToken.generate().text
            let wrong = [
                "", "\n", text, text + "\n\n", text + "\r\n", " " + text + "\n", text.dropLast() + "\n",
                String(repeating: "x", count: 100_000), "\0\n",
            ]
            for content in wrong {
                try write(content, to: path)
                #expect(try kind { try AdminTokenFile.load(in: directory) } == .corrupt)
                #expect(try kind { try AdminTokenFile.loadOrCreate(in: directory) } == .corrupt)
                var status = stat()
                #expect(stat(path, &status) == 0)
                #expect(status.st_size == content.utf8.count)
            }
        }
    }

    @Test func `a link, a pipe or a directory in its place is refused, without waiting`() async throws {
        try await withDirectory { directory, path in
            let elsewhere = directory + "/elsewhere"
            try write(BearerToken.generate().text + "\n", to: elsewhere)
            #expect(symlink(elsewhere, path) == 0)
            #expect(try kind { try AdminTokenFile.loadOrCreate(in: directory) } == .corrupt)
            #expect(unlink(path) == 0)
            #expect(unlink(elsewhere) == 0)
            #expect(mkfifo(path, 0o600) == 0)
            #expect(try kind { try AdminTokenFile.loadOrCreate(in: directory) } == .corrupt)
            #expect(unlink(path) == 0)
            #expect(mkdir(path, 0o700) == 0)
            #expect(try kind { try AdminTokenFile.loadOrCreate(in: directory) } == .corrupt)
            #expect(rmdir(path) == 0)
        }
    }

    @Test(.enabled(if: mayGiveAway, "this user may not give files away"))
    func `a file of another user is not trusted by the platform`() async throws {
        try await withDirectory { directory, path in
            let token = try AdminTokenFile.loadOrCreate(in: directory)
            #expect(chown(path, 65534, 65534) == 0)
            #expect(try kind { try AdminTokenFile.loadOrCreate(in: directory) } == .denied)
            // Root may still act for that user.
            #expect(try AdminTokenFile.load(in: directory).text == token.text)
        }
    }

    @Test func `a directory that is not there is named`() async throws {
        try await withDirectory { directory, _ in
            let loaded = try kind { try AdminTokenFile.load(in: directory + "/none") }
            let created = try kind { try AdminTokenFile.loadOrCreate(in: directory + "/none") }
            #expect(loaded == .notFound)
            #expect(created == .notFound)
        }
    }
}

/// Whether this process may give files to another user: root may, but not in every container.
private let mayGiveAway: Bool = {
    var template = Array("/tmp/apollo-identity-XXXXXX".utf8CString)
    let file = mkstemp(&template)
    guard file >= 0 else { return false }
    defer {
        close(file)
        unlink(template)
    }
    return fchown(file, 65534, 65534) == 0
}()
