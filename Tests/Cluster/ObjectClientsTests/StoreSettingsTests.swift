import Core
import ObjectClients
import S3Signatures
import Testing

@Suite struct StoreSettingsTests {
    private let credentials = """
        # keys
        [default]
        aws_access_key_id = DEFAULT
        aws_secret_access_key=secret/default==
        [work]
        aws_access_key_id = WORK
        aws_secret_access_key = secret
        aws_session_token = token
        """
    private let configuration = """
        [default]
        region = eu-west-1
        s3 =
            addressing_style = path
        [profile work]
        region = eu-central-1
        endpoint_url = http://store:9000
        services = local
        [services local]
        s3 =
          endpoint_url = http://s3.store:9000
        dynamodb =
          endpoint_url = http://other
        [profile made]
        credential_process = /bin/keys --of work
        [profile old]
        credential_process = /bin/old
        [profile silent]
        credential_process = /bin/silent
        [profile sso]
        sso_session = x
        """

    private func settings(
        _ options: StoreSettings.Options = .init(), _ variables: [String: String] = [:]
    ) throws -> StoreSettings {
        try StoreSettings(
            options, variables: variables, credentials: ("credentials", credentials),
            configuration: ("config", configuration)
        ) { line throws(ApolloError) in
            Array((written[line] ?? "").utf8)
        }
    }

    /// What processes write that give keys.
    private let written = [
        "/bin/keys --of work":
            #"{"Version": 1, "AccessKeyId": "MADE", "SecretAccessKey": "s", "SessionToken": "t", "Expiration": "2026-11-28T00:00:00Z"}"#,
        "/bin/old": #"{"Version": 2, "AccessKeyId": "MADE", "SecretAccessKey": "s"}"#,
    ]

    @Test("A key comes from a process, with its session's token")
    func process() throws {
        let found = try settings(.init(profile: "made"))
        #expect(found.signer?.accessKey == "MADE")
        #expect(found.signer?.secret == SecretBytes(Array("s".utf8)))
        #expect(found.signer?.session == "t")
    }

    @Test("What a process writes that is no key is told, and not shown", arguments: ["old", "silent"])
    func processOfNothing(_ profile: String) throws {
        let error = #expect(throws: ApolloError.self) { try settings(.init(profile: profile)) }
        #expect(error?.message == "what the credential_process of the profile '\(profile)' writes is no key")
    }

    @Test("The default profile's key, region and style are taken where nothing else is said")
    func defaults() throws {
        let found = try settings()
        #expect(found.signer?.accessKey == "DEFAULT")
        #expect(found.signer?.secret == SecretBytes(Array("secret/default==".utf8)))
        #expect(found.endpoint == StoreEndpoint("https://s3.eu-west-1.amazonaws.com", style: .path))
    }

    @Test("A profile has its own endpoint of S3, and a session's token")
    func profile() throws {
        let found = try settings(.init(profile: "work"))
        #expect(found.signer?.accessKey == "WORK")
        #expect(found.signer?.session == "token")
        #expect(found.region == "eu-central-1")
        #expect(found.endpoint.address == "http://s3.store:9000")
        #expect(try settings(.init(), ["AWS_PROFILE": "work"]).signer?.accessKey == "WORK")
    }

    @Test("Variables come before files, unless the profile was named on the line, and options before all")
    func order() throws {
        let variables = [
            "AWS_ACCESS_KEY_ID": "VARIABLE", "AWS_SECRET_ACCESS_KEY": "s", "AWS_REGION": "r",
            "AWS_ENDPOINT_URL": "http://a", "AWS_ENDPOINT_URL_S3": "http://b",
        ]
        let found = try settings(.init(), variables)
        #expect(found.signer?.accessKey == "VARIABLE")
        #expect(found.region == "r")
        #expect(found.endpoint.address == "http://b")
        #expect(try settings(.init(profile: "work"), variables).signer?.accessKey == "WORK")
        let said = try settings(.init(endpoint: "http://c", region: "q", style: .virtual), variables)
        #expect(said.endpoint == StoreEndpoint("http://c", style: .virtual))
        #expect(said.region == "q")
    }

    @Test("Checksums follow bodies as tools of Amazon are told, and what is no such word is refused")
    func trailing() throws {
        let name = "AWS_REQUEST_CHECKSUM_CALCULATION"
        #expect(try settings(.init()).trailing == .automatic)
        #expect(try settings(.init(), [name: "WHEN_SUPPORTED"]).trailing == .always)
        #expect(try settings(.init(), [name: "when_required"]).trailing == .never)
        #expect(throws: ApolloError.self) { try settings(.init(), [name: "sometimes"]) }
    }

    @Test("A profile that is not there, and a key that comes from elsewhere, are told")
    func refused() throws {
        #expect(throws: ApolloError.self) { try settings(.init(profile: "none")) }
        let error = #expect(throws: ApolloError.self) { try settings(.init(profile: "sso")) }
        #expect(error?.message.contains("sso_session") == true)
    }

    @Test("Without files nothing is known but what is said")
    func nothing() throws {
        let found = try StoreSettings(.init(), variables: [:], credentials: nil, configuration: nil) { _ in []
        }
        #expect(found.signer == nil)
        #expect(found.endpoint.address == "https://s3.us-east-1.amazonaws.com")
    }

    @Test("A malformed file is told with its line", arguments: ["x = 1", "[a", "[a]\nword"])
    func malformed(_ text: String) {
        let error = #expect(throws: ApolloError.self) {
            try StoreSettings(.init(), variables: [:], credentials: ("file", text), configuration: nil) { _ in
                []
            }
        }
        #expect(error?.message.hasPrefix("file, line ") == true)
    }
}
