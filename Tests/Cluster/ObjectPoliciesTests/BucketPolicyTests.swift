import ObjectPolicies
import Testing

@Suite struct BucketPolicyTests {
    private func policy(_ statements: String) throws(PolicyError) -> BucketPolicy {
        try BucketPolicy(
            Array("{\"Version\":\"2012-10-17\",\"Statement\":\(statements)}".utf8), bucket: "b")
    }

    private func decide(
        _ policy: BucketPolicy, _ action: String, _ key: String? = nil, by principal: String? = "ann",
        _ context: [String: [String]] = [:]
    ) -> PolicyDecision {
        policy.decide(
            PolicyRequest(
                principal: principal, action: action, resource: PolicyRequest.resource("b", key),
                context: context))
    }

    @Test("A statement is for its principals, its actions and its resources, and for no others")
    func scope() throws {
        let policy = try policy(
            """
            [{"Effect":"Allow","Principal":{"AWS":["arn:aws:iam:::user/ann","bob"]},"Action":["s3:Get*","s3:listbucket"],
              "Resource":["arn:aws:s3:::b/open/*","arn:aws:s3:::b"]}]
            """)
        #expect(decide(policy, "s3:GetObject", "open/x/y") == .allowed)
        #expect(decide(policy, "s3:GetObject", "open/x", by: "bob") == .allowed)
        #expect(decide(policy, "s3:ListBucket") == .allowed)
        #expect(decide(policy, "s3:GetObject", "open") == .silent)
        #expect(decide(policy, "s3:GetObject", "closed/open/x") == .silent)
        #expect(decide(policy, "s3:PutObject", "open/x") == .silent)
        #expect(decide(policy, "s3:GetObject", "open/x", by: "eve") == .silent)
        #expect(decide(policy, "s3:GetObject", "open/x", by: nil) == .silent)
        #expect(!policy.isPublic)
    }

    @Test("A denial outdoes what is allowed, wherever it stands")
    func denial() throws {
        for order in [["Allow", "Deny"], ["Deny", "Allow"]] {
            let policy = try policy(
                "["
                    + order.map { effect in
                        """
                        {"Effect":"\(effect)","Principal":"*","Action":"s3:*",
                         "Resource":"arn:aws:s3:::b/\(effect == "Deny" ? "secret/" : "")*"}
                        """
                    }.joined(separator: ",") + "]")
            #expect(decide(policy, "s3:GetObject", "open", by: nil) == .allowed)
            #expect(decide(policy, "s3:GetObject", "secret/x") == .denied)
            #expect(policy.isPublic)
        }
        let others = try policy(
            """
            {"Effect":"Deny","NotPrincipal":{"AWS":"ann"},"NotAction":"s3:GetObject","Resource":"arn:aws:s3:::b/*"}
            """)
        #expect(decide(others, "s3:PutObject", "x") == .silent)
        #expect(decide(others, "s3:PutObject", "x", by: "bob") == .denied)
        #expect(decide(others, "s3:PutObject", "x", by: nil) == .denied)
        #expect(decide(others, "s3:GetObject", "x", by: "bob") == .silent)
    }

    @Test(
        "A condition compares as its operator says",
        arguments: [
            ("StringEquals", "[\"a\",\"b\"]", ["b"], true), ("StringEquals", "\"a\"", ["A"], false),
            ("StringEqualsIgnoreCase", "\"a\"", ["A"], true), ("StringNotEquals", "\"a\"", ["b"], true),
            ("StringNotEquals", "[\"a\",\"b\"]", ["b"], false), ("StringNotEquals", "\"a\"", [], true),
            ("StringEquals", "\"a\"", [], false), ("StringEqualsIfExists", "\"a\"", [], true),
            ("StringEqualsIfExists", "\"a\"", ["b"], false), ("StringLike", "\"a*c?\"", ["abbcd"], true),
            ("StringLike", "\"a*c?\"", ["abbc"], false), ("StringNotLike", "\"a*\"", ["b"], true),
            ("NumericLessThanEquals", "\"10\"", ["10"], true), ("NumericGreaterThan", "10", ["9.5"], false),
            ("DateLessThan", "\"2026-01-01T00:00:00Z\"", ["2025-12-31T23:59:59Z"], true),
            ("DateGreaterThan", "\"0\"", ["2025-12-31T23:59:59Z"], true), ("Bool", "true", ["true"], true),
            ("IpAddress", "\"192.0.2.0/25\"", ["192.0.2.127"], true),
            ("IpAddress", "\"192.0.2.0/25\"", ["192.0.2.128"], false),
            ("IpAddress", "\"2001:db8::/33\"", ["2001:db8:7fff::1"], true),
            ("IpAddress", "\"192.0.2.1\"", ["::ffff:192.0.2.1"], true),
            ("NotIpAddress", "\"192.0.2.0/24\"", ["198.51.100.1"], true), ("Null", "\"true\"", [], true),
            ("Null", "\"true\"", ["x"], false), ("Null", "\"false\"", ["x"], true),
            ("ForAnyValue:StringEquals", "\"a\"", ["b", "a"], true),
            ("ForAllValues:StringEquals", "[\"a\",\"b\"]", ["b", "c"], false),
            ("ForAllValues:StringEquals", "\"a\"", [], true),
        ])
    func conditions(name: String, values: String, found: [String], holds: Bool) throws {
        let policy = try policy(
            """
            {"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*",
             "Condition":{"\(name)":{"s3:X-Amz-Test":\(values)}}}
            """)
        let context = found.isEmpty ? [:] : ["s3:x-amz-test": found]
        #expect(decide(policy, "s3:GetObject", "k", context) == (holds ? .allowed : .silent))
        #expect(!policy.isPublic)
    }

    private func decide(
        _ policy: BucketPolicy, _ action: String, _ key: String, _ context: [String: [String]]
    ) -> PolicyDecision {
        decide(policy, action, key, by: "ann", context)
    }

    @Test(
        "What could not be held to is refused",
        arguments: [
            "[]", "3", "[{}]",
            #"{"Effect":"allow","Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::b"}"#,
            #"{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::b"}"#,
            #"{"Effect":"Allow","Principal":"ann","Action":"s3:*","Resource":"arn:aws:s3:::b"}"#,
            #"{"Effect":"Allow","NotPrincipal":{"AWS":"ann"},"Action":"s3:*","Resource":"arn:aws:s3:::b"}"#,
            #"{"Effect":"Deny","Principal":{"AWS":"arn:aws:iam::1:root"},"Action":"s3:*","Resource":"arn:aws:s3:::b"}"#,
            #"{"Effect":"Allow","Principal":"*","Action":"iam:*","Resource":"arn:aws:s3:::b"}"#,
            #"{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::other/*"}"#,
            #"{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"b"}"#,
            #"{"Effect":"Allow","Principal":"*","Action":[],"Resource":"arn:aws:s3:::b"}"#,
            #"{"Effect":"Allow","Principal":"*","Action":"s3:*","NotAction":"s3:*","Resource":"arn:aws:s3:::b"}"#,
            #"{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::b","Condition":{"x":{"s3:prefix":"a"}}}"#,
            #"{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::b","Condition":{"Bool":{"s3:other":"true"}}}"#,
            #"{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::b","Condition":{"IpAddress":{"aws:SourceIp":"1"}}}"#,
            #"{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::b","Extra":1}"#,
        ])
    func refused(statements: String) {
        #expect(throws: PolicyError.self) { try policy(statements) }
    }

    @Test("A pattern of many stars takes no longer than it is long")
    func stars() throws {
        let policy = try policy(
            """
            {"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::b/\(String(repeating: "*a", count: 400))b"}
            """)
        #expect(decide(policy, "s3:GetObject", String(repeating: "a", count: 1000)) == .silent)
    }
}
