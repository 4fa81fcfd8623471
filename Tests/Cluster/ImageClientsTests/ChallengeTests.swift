import ImageModel
import Testing

@testable import ImageClients

struct ChallengeTests {
    @Test func `a challenge is read with its parameters`() throws {
        let text =
            #"Bearer realm="https://a.example/token?x=1",service="reg, \"it\"",scope=repository:a:pull"#
        let challenge = try #require(AuthenticationChallenge(parsing: text))
        #expect(challenge.scheme == "bearer")
        #expect(challenge.parameters["realm"] == "https://a.example/token?x=1")
        #expect(challenge.parameters["service"] == #"reg, "it""#)
        #expect(challenge.parameters["scope"] == "repository:a:pull")
    }

    @Test func `only the first of several is read`() throws {
        let challenge = try #require(AuthenticationChallenge(parsing: #"Basic realm="x", Bearer realm="y""#))
        #expect(challenge == AuthenticationChallenge(parsing: #"basic realm=x"#))
    }

    @Test(arguments: ["", "   ", "1", "=x", "\""])
    func `what is none is none`(_ text: String) {
        #expect(AuthenticationChallenge(parsing: text) == nil)
    }

    @Test func `names and passwords are read as docker login keeps them`() throws {
        let text = """
            {"auths": {"registry.example:5000": {"auth": "bmFtZTpwYTpzcw=="},
            "https://index.docker.io/v1/": {"username": "hub", "password": "x"}, "other": {}}}
            """
        let all = try #require(RegistryCredentials(parsing: Array(text.utf8)))
        #expect(
            all[try #require(.init(parsing: "registry.example:5000"))]
                == RegistryCredential(name: "name", password: "pa:ss"))
        #expect(all[.dockerHub] == RegistryCredential(name: "hub", password: "x"))
        #expect(all[try #require(.init(parsing: "other.example"))] == nil)
        #expect(RegistryCredentials(parsing: Array("[]".utf8)) == nil)
    }

    @Test func `a file of Docker's without logins has none, unless it has to have some`() throws {
        let bytes = Array(#"{"credsStore": "x"}"#.utf8)
        #expect(RegistryCredentials(parsing: bytes) == nil)
        #expect(
            try #require(RegistryCredentials(parsing: bytes, requiresLogins: false)) == RegistryCredentials())
        #expect(RegistryCredentials(parsing: Array("[]".utf8), requiresLogins: false) == nil)
        #expect(RegistryCredentials(parsing: Array(#"{"auths": 1}"#.utf8), requiresLogins: false) == nil)
    }
}
