import Core
import ObjectPolicies
import Testing

@Suite struct PostPolicyTests {
    private let now = Timestamp(parsing: "2026-11-27T12:00:00Z")!

    private func policy(_ conditions: String, _ expiration: String = "2026-11-27T12:00:01Z") throws
        -> PostPolicy
    {
        try PostPolicy(Array("{\"expiration\":\"\(expiration)\",\"conditions\":[\(conditions)]}".utf8))
    }

    private let fields = [
        "bucket": "b", "key": "user/a", "acl": "private", "policy": "…", "x-ignore-me": "x",
    ]

    @Test("A form that is as its policy says is taken until it expires")
    func taken() throws {
        let policy = try policy(
            #"{"bucket":"b"},["starts-with","$Key","user/"],["eq","$acl","private"],["content-length-range",1,10]"#
        )
        try policy.check(fields, at: now)
        #expect(throws: PostPolicy.Refusal.expired) {
            try policy.check(fields, at: now.advanced(by: .seconds(1)))
        }
        try policy.check(length: 10)
        #expect(throws: PostPolicy.Refusal.tooLarge) { try policy.check(length: 11) }
        #expect(throws: PostPolicy.Refusal.tooSmall) { try policy.check(length: 0) }
    }

    @Test("A field that is another, is missing, or that no condition is about is refused")
    func refused() throws {
        for conditions in [
            #"["starts-with","$key","other/"],{"acl":"private"}"#, #"{"key":"user/a"},{"acl":"public-read"}"#,
            #"{"key":"user/a"},{"acl":"private"},{"content-type":"x"}"#, #"{"key":"user/a"}"#,
        ] {
            #expect(throws: PostPolicy.Refusal.self) { try policy(conditions).check(fields, at: now) }
        }
        try policy(#"{"key":"user/a"},["starts-with","$acl",""]"#).check(fields, at: now)
        let absent = #"{"key":"user/a"},{"acl":"private"},["starts-with","$x-amz-server-side-encryption","#
        try policy(absent + #"""]"#).check(fields, at: now)
        #expect(throws: PostPolicy.Refusal.self) { try policy(absent + #""A"]"#).check(fields, at: now) }
    }

    @Test(
        "What is no policy is refused",
        arguments: [
            "3", #"{"key":3}"#, #"["eq","key","x"]"#, #"["ends-with","$key","x"]"#, #"["eq","$key"]"#,
            #"["content-length-range",5,1]"#, #"["content-length-range",1]"#, "{}",
        ])
    func malformed(conditions: String) {
        #expect(throws: PolicyError.self) { try policy(conditions) }
    }

    @Test("A policy without an end is refused")
    func endless() {
        #expect(throws: PolicyError.self) { try policy("", "tomorrow") }
        #expect(throws: PolicyError.self) { try PostPolicy(Array("{\"conditions\":[]}".utf8)) }
    }
}
