import Core
import Passwords
import Testing

@Suite struct PasswordTests {
    private let light = Argon2.Parameters(kibibytes: 64, passes: 1)

    @Test func `a hash says its parameters and fits its password alone`() throws {
        let salt = [UInt8](repeating: 7, count: 16)
        let hash = try Argon2.hash(Array("correct horse".utf8), salt: salt, light)
        #expect(hash.hasPrefix("$argon2id$v=19$m=64,t=1,p=1$"))
        #expect(Argon2.parameters(of: hash) == light)
        #expect(try Argon2.verify(Array("correct horse".utf8), hash))
        #expect(try !Argon2.verify(Array("correct horsf".utf8), hash))
        #expect(try !Argon2.verify([], hash))
    }

    /// Made by the `argon2` program of the reference implementation: `printf password | argon2 somesalt -id -t 2 -k 65536 -p 1`.
    @Test func `a hash of the reference implementation is read`() throws {
        let hash = "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"
        #expect(try Argon2.verify(Array("password".utf8), hash))
        #expect(try !Argon2.verify(Array("passwore".utf8), hash))
    }

    @Test(arguments: [
        "", "$argon2id$", "plain text", "$argon2id$v=19$m=64,t=1,p=1$c2FsdA$",
        "$2b$10$abcdefghijklmnopqrstuv",
    ])
    func `what is no hash is refused`(_ text: String) {
        #expect(throws: ApolloError.self) { try Argon2.verify([1], text) }
    }

    @Test func `nobody's password is none, and outdated ones are known`() async throws {
        let hasher = try PasswordHasher(Argon2.Parameters(kibibytes: 128, passes: 1))
        let hash = try await hasher.hash("correct horse")
        #expect(try await hasher.verify("correct horse", hash))
        #expect(try await !hasher.verify("correct horse", nil))
        #expect(!hasher.isOutdated(hash))
        #expect(hasher.isOutdated(try Argon2.hash([1], salt: [UInt8](repeating: 1, count: 16), light)))
    }

    @Test func `passwords that are none are refused by what is wrong`() {
        for (password, name) in [
            ("short", "ann"), ("aaaaaaaaaaaa", "ann"), ("abababababab", "ann"), ("abcdefghijkl", "ann"),
            ("0123456789", "ann"),
            ("my name is Ann!", "ann"), ("tab\tin the middle", "ann"),
            (String(repeating: "word ", count: 300), "ann"),
        ] {
            #expect(PasswordRules.fault(in: password, for: name) != nil, "\(password.prefix(20))")
        }
        for password in ["four words in a row", "päßwörter gehen", "🐴🔋📎✂️🐌🌍🎈🎲🧊🪁🎺"] {
            #expect(PasswordRules.fault(in: password, for: "ann") == nil, "\(password)")
        }
    }
}
