import ImageModel
import Testing

@Suite struct ReferenceTests {
    private static let hex = String(repeating: "0a", count: 32)

    @Test("A digest is its algorithm and as many digits in lower case as that has")
    func digests() throws {
        #expect(try ImageDigest(parsing: "sha256:\(Self.hex)").text == "sha256:\(Self.hex)")
        #expect(try ImageDigest(parsing: "sha512:\(Self.hex)\(Self.hex)").algorithm == .sha512)
        for text in [
            "", ":", "sha256", "sha256:", Self.hex, "sha256:\(Self.hex.dropLast())", "sha256:\(Self.hex)0",
            "sha512:\(Self.hex)", "sha256:\(Self.hex.uppercased())", "md5:\(Self.hex)", "SHA256:\(Self.hex)",
            "sha256:../../\(Self.hex.dropLast(6))", " sha256:\(Self.hex)",
        ] { #expect(throws: ImageError.digest(text)) { try ImageDigest(parsing: text) } }
    }

    @Test("Digests of bytes are those that others make")
    func hashes() {
        #expect(
            ImageDigest(of: Array("{}".utf8)).text
                == "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a")
        #expect(
            ImageDigest(of: Array("abc".utf8), .sha512).hex.hasPrefix("ddaf35a193617abacc417349ae204131"))
    }

    @Test(
        "Names of repositories are words with separators, in parts",
        arguments: ["a", "team/app", "a.b_c__d-e---f/0", "library/busybox", "a/b/c/d/e"])
    func names(text: String) throws { #expect(try RepositoryName(parsing: text).text == text) }

    @Test(
        "What leads elsewhere, or is spelled otherwise, is no name",
        arguments: [
            "", "/", "a/", "/a", "a//b", "A", "a b", "..", "a/..", "a/../b", ".a", "a.", "a..b", "a___b",
            "a._b",
            "-a", "a-", "a_-b", "ä", "a%2fb", "a\0", String(repeating: "a", count: 256),
        ])
    func noNames(text: String) {
        #expect(throws: ImageError.repository(text)) { try RepositoryName(parsing: text) }
    }

    @Test("Tags have up to 128 characters, and begin with a letter, a digit or an underscore")
    func tags() throws {
        for text in ["latest", "1.0", "_", "A-b.c_d", String(repeating: "x", count: 128)] {
            #expect(try ImageTag(parsing: text).text == text)
        }
        for text in ["", ".", "-a", ".a", "a:b", "a/b", "a b", "ä", String(repeating: "x", count: 129)] {
            #expect(throws: ImageError.tag(text)) { try ImageTag(parsing: text) }
        }
    }

    @Test("A reference is a host, a path, a tag and a digest")
    func references() throws {
        let full = try ImageReference(parsing: "localhost:7070/team/app:1.0@sha256:\(Self.hex)")
        #expect(full.host == RegistryHost(parsing: "localhost:7070"))
        #expect(full.repository.text == "team/app" && full.tag?.text == "1.0")
        #expect(full.manifest == .digest(try ImageDigest(parsing: "sha256:\(Self.hex)")))
        #expect(full.description == "localhost:7070/team/app:1.0@sha256:\(Self.hex)")

        let short = try ImageReference(parsing: "busybox")
        #expect(short.host == nil && short.manifest == .tag(.latest))
        #expect(try ImageReference(parsing: "team/app:2").host == nil)
        #expect(try ImageReference(parsing: "ghcr.io/a/b").host?.name == "ghcr.io")
        #expect(try ImageReference(parsing: "[::1]:5000/a").host?.port == 5000)
        #expect(try ImageReference(parsing: "Registry.Example/a").host?.name == "registry.example")
    }

    @Test("Docker means its hub where no host is named, and the library where there is but one part")
    func dockerHub() throws {
        #expect(
            try ImageReference(parsing: "busybox:1").onDockerHub.description == "docker.io/library/busybox:1")
        #expect(try ImageReference(parsing: "team/app").onDockerHub.description == "docker.io/team/app")
        #expect(try ImageReference(parsing: "localhost/app").onDockerHub.description == "localhost/app")
    }

    @Test(
        "What is no reference is refused",
        arguments: [
            "", ":", "@", "a:", "a@", "a:b:c", "localhost/", "a@sha256:00", "http://a.b/c", "a.b:99999/c",
            "a.b:0/c", "-a.b/c", "a..b/c", "[::1/a", "a b", "A", "../a", "a.b/../c",
        ])
    func noReferences(text: String) {
        #expect(throws: ImageError.self) { try ImageReference(parsing: text) }
    }

    @Test("A name of a manifest with a colon is a digest")
    func manifestNames() throws {
        #expect(try ManifestName(parsing: "v1") == .tag(try ImageTag(parsing: "v1")))
        #expect(throws: ImageError.digest("sha256:1")) { try ManifestName(parsing: "sha256:1") }
    }

    @Test("An image runs where system and architecture are the same, and the variant where both have one")
    func platforms() throws {
        let arm = try #require(ImagePlatform(parsing: "linux/arm64/v8"))
        #expect(ImagePlatform(architecture: "arm64").runs(on: arm))
        #expect(!ImagePlatform(architecture: "arm64", variant: "v7").runs(on: arm))
        #expect(!ImagePlatform(architecture: "amd64").runs(on: arm))
        #expect(ImagePlatform(parsing: "linux") == nil && ImagePlatform(parsing: "linux/") == nil)
    }
}
