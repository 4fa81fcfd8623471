import ObjectModel
import S3Messages
import Testing

@Suite struct SettingDocumentTests {
    @Test("Rules for pages are read as they are written")
    func cors() throws {
        let rules = [
            CORSRule(
                id: "a", origins: ["http://*.b"], methods: ["GET", "PUT"], headers: ["*"], exposed: ["ETag"],
                maximumAge: 10), CORSRule(origins: ["*"], methods: ["DELETE"]),
        ]
        #expect(try CORSDocument.read(CORSDocument.document(rules)) == rules)
    }

    @Test(
        "Rules that say nothing, or what cannot be, are refused",
        arguments: [
            "<CORSConfiguration/>", "<CORSConfiguration><CORSRule/></CORSConfiguration>", "<x/>",
            "<CORSConfiguration><CORSRule><AllowedOrigin>*</AllowedOrigin></CORSRule></CORSConfiguration>",
            "<CORSConfiguration><CORSRule><AllowedOrigin>*</AllowedOrigin><AllowedMethod>PATCH</AllowedMethod></CORSRule></CORSConfiguration>",
            "<CORSConfiguration><CORSRule><AllowedOrigin>*a*</AllowedOrigin><AllowedMethod>GET</AllowedMethod></CORSRule></CORSConfiguration>",
            "<CORSConfiguration><CORSRule><AllowedOrigin>a\nb</AllowedOrigin><AllowedMethod>GET</AllowedMethod></CORSRule></CORSConfiguration>",
        ])
    func refusedRules(text: String) {
        #expect(throws: S3Error.self) { try CORSDocument.read(Array(text.utf8)) }
    }

    @Test("Tags are read as they are written, and bounded")
    func tags() throws {
        let tags = [ObjectTag("a&b", "<ü>"), ObjectTag("c", "")]
        #expect(try TagDocument.read(TagDocument.document(tags), limit: 10) == tags)
        for wrong in [
            (0..<11).map { ObjectTag("\($0)", "") }, [ObjectTag("", "x")],
            [ObjectTag("a", ""), ObjectTag("a", "b")],
            [ObjectTag(String(repeating: "k", count: 129), "")],
            [ObjectTag("k", String(repeating: "v", count: 257))],
        ] {
            let error = #expect(throws: S3Error.self) {
                try TagDocument.read(TagDocument.document(wrong), limit: 10)
            }
            #expect(error?.code == .invalidTag)
        }
    }

    @Test("Whether versions are kept is said in two words, and in no others")
    func versioning() throws {
        for versioning in [BucketVersioning.enabled, .suspended] {
            #expect(try VersioningDocument.read(VersioningDocument.document(versioning)) == versioning)
        }
        #expect(throws: S3Error.self) { try VersioningDocument.read(VersioningDocument.document(nil)) }
    }
}
