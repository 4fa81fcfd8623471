import Core
import Glibc
import Testing

@testable import PostgreSQLDatabases

struct LocationTests {
    private func failure(_ url: String) -> ApolloError? {
        do throws(ApolloError) {
            _ = try PostgreSQLLocation(url: url)
            return nil
        } catch {
            return error
        }
    }

    @Test func `a server elsewhere is verified unless the user says otherwise`() throws {
        let remote = try PostgreSQLLocation(url: "postgres://apollo@db.example/apollo")
        #expect(remote.parameters["sslmode"] == "verify-full")
        #expect(remote.parameters["target_session_attrs"] == "read-write")
        let told = try PostgreSQLLocation(url: "postgres://apollo@db.example/apollo?sslmode=require")
        #expect(told.parameters["sslmode"] == "require")
        let mixed = try PostgreSQLLocation(url: "postgres://apollo@localhost,db.example/apollo")
        #expect(mixed.parameters["sslmode"] == "verify-full")
    }

    @Test(arguments: [
        "postgres:///apollo", "postgres://apollo@localhost/apollo", "postgres://127.0.0.1:6543/apollo",
        "postgres://[::1]/apollo", "postgresql:///apollo?host=/run/postgresql",
    ])
    func `on this machine it need not be`(_ url: String) throws {
        #expect(try PostgreSQLLocation(url: url).parameters["sslmode"] == "prefer")
    }

    @Test func `a name that only begins like a loopback address is none`() throws {
        let location = try PostgreSQLLocation(url: "postgres://127.evil.example/apollo")
        #expect(location.parameters["sslmode"] == "verify-full")
    }

    @Test(arguments: [
        "postgres://apollo:hush-hush@db/apollo", "postgres://apollo@db/apollo?password=hush-hush",
        "postgres://apollo:hush-hush@db/apollo?nonsense=1", "postgres://apollo:hush-hush@[db/apollo",
        "postgres://apollo:hush-hush@db/", "mysql://apollo:hush-hush@db/apollo",
    ])
    func `a password in the address is refused and never repeated`(_ url: String) {
        let error = failure(url)
        #expect(error?.kind == .invalid)
        #expect(error?.hint != nil)
        #expect("\(error as Any)".contains("hush") == false)
    }

    @Test func `the address names its database`() {
        #expect(failure("postgres://apollo@db")?.message.contains("names no database") == true)
    }

    @Test func `it is told without what is beside the point`() throws {
        let location = try PostgreSQLLocation(
            url: "postgres://me@a:1,b:2/apollo?sslmode=require&sslkey=/secret")
        #expect(location.description == "postgres://me@a:1,b:2/apollo")
        let socket = try PostgreSQLLocation(url: "postgres:///apollo?host=/run/postgresql")
        #expect(socket.description == "postgres:///apollo at /run/postgresql")
    }

    @Test func `a password comes from the first line of a file of its owner's alone`() throws {
        var template = Array("/tmp/apollo-password-XXXXXX".utf8CString)
        let file = mkstemp(&template)
        try #require(file >= 0)
        let path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        defer { unlink(path) }
        let text = Array("s3cret\nmore\n".utf8)
        try #require(Glibc.write(file, text, text.count) == text.count)
        close(file)
        let location = try PostgreSQLLocation(url: "postgres:///apollo", passwordFile: path)
        #expect(try location.resolved()["password"] == "s3cret")
        chmod(path, 0o640)
        #expect(throws: ApolloError.self) { try location.resolved() }
        unlink(path)
        #expect(throws: ApolloError.self) { try location.resolved() }
    }
}
