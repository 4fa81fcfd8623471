public import Core
public import S3Signatures

/// Where an S3 store is and what it is signed to with, as tools for S3 are told: options, variables, and the files of a profile.
public struct StoreSettings: Sendable {
    /// What was said, each nil where it was not.
    public struct Options: Hashable, Sendable {
        public var endpoint: String?
        public var profile: String?
        public var region: String?
        public var style: StoreEndpoint.Style?

        public init(
            endpoint: String? = nil, profile: String? = nil, region: String? = nil,
            style: StoreEndpoint.Style? = nil
        ) {
            self.endpoint = endpoint
            self.profile = profile
            self.region = region
            self.style = style
        }
    }

    /// The text of a file, and its name; nil where there is none.
    public typealias File = (path: String, text: String)

    public var endpoint: StoreEndpoint
    public var region: String
    /// Nil where no key was found anywhere.
    public var signer: RequestSigner?
    /// `AWS_REQUEST_CHECKSUM_CALCULATION`, or `request_checksum_calculation` of the profile.
    public var trailing: ObjectClient.TrailingChecksums
    /// PEM file of the authorities to trust; nil for the system's.
    public var authorities: String?

    /// - Parameter process: runs the line of a `credential_process`, and returns what it writes.
    /// - Throws: ``ApolloError`` where a file is malformed, a profile is not there, or its key comes from what is not known here.
    public init(
        _ options: Options, variables: [String: String], credentials: File?, configuration: File?,
        process: (String) throws(ApolloError) -> [UInt8]
    ) throws(ApolloError) {
        func set(_ name: String) -> String? { variables[name].flatMap { $0.isEmpty ? nil : $0 } }
        let name = options.profile ?? set("AWS_PROFILE") ?? set("AWS_DEFAULT_PROFILE") ?? "default"
        let isNamed = options.profile != nil || set("AWS_PROFILE") != nil
        var keys: [String: String]?
        var settings: [String: String]?
        var services: [String: String] = [:]
        if let credentials {
            keys = try ProfileFile(credentials.text, file: credentials.path).profile(name)
        }
        if let configuration {
            let file = try ProfileFile(configuration.text, file: configuration.path)
            settings = file.profile(name)
            services = settings?["services"].flatMap { file.sections["services \($0)"] } ?? [:]
        }
        guard keys != nil || settings != nil || !isNamed else {
            throw ApolloError(
                .notFound, "there is no profile '\(name)'",
                hint: "it belongs into \(credentials?.path ?? "~/.aws/credentials"), as [\(name)]")
        }
        let found = (settings ?? [:]).merging(keys ?? [:]) { _, key in key }
        region =
            options.region ?? set("AWS_REGION") ?? set("AWS_DEFAULT_REGION") ?? found["region"] ?? "us-east-1"
        let style =
            options.style ?? found["s3.addressing_style"].flatMap { StoreEndpoint.Style(rawValue: $0) }
        let address =
            options.endpoint ?? set("AWS_ENDPOINT_URL_S3") ?? set("AWS_ENDPOINT_URL")
            ?? services["s3.endpoint_url"] ?? found["s3.endpoint_url"] ?? found["endpoint_url"]
            ?? StoreEndpoint.amazon(region)
        endpoint = StoreEndpoint(address, style: style)
        let calculation = set("AWS_REQUEST_CHECKSUM_CALCULATION") ?? found["request_checksum_calculation"]
        trailing =
            switch calculation?.lowercased() {
            case nil: .automatic
            case "when_supported": .always
            case "when_required": .never
            case let other?:
                throw ApolloError(
                    .invalid, "'\(other.printable)' is no way to send checksums",
                    hint: "AWS_REQUEST_CHECKSUM_CALCULATION is when_supported or when_required")
            }
        authorities = set("AWS_CA_BUNDLE") ?? found["ca_bundle"]
        // A profile that was named on the line is meant, whatever the variables say.
        if options.profile == nil, let key = set("AWS_ACCESS_KEY_ID"),
            let secret = set("AWS_SECRET_ACCESS_KEY")
        {
            signer = Self.signer(key, secret, set("AWS_SESSION_TOKEN") ?? set("AWS_SECURITY_TOKEN"), region)
        } else if let key = found["aws_access_key_id"], let secret = found["aws_secret_access_key"] {
            signer = Self.signer(key, secret, found["aws_session_token"], region)
        } else if let line = found["credential_process"] {
            let given = try ProcessCredentials(try process(line), profile: name)
            signer = Self.signer(given.key, given.secret, given.session, region)
        } else {
            for other in ["role_arn", "sso_session", "sso_start_url", "login_session"]
            where found[other] != nil {
                throw ApolloError(
                    .invalid, "the profile '\(name)' gets its key by \(other), which is not known here",
                    hint: "put a key into AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN: "
                        + "'aws configure export-credentials --profile \(name) --format env' prints them")
            }
        }
    }

    private static func signer(
        _ key: String, _ secret: String, _ session: String?, _ region: String
    ) -> RequestSigner {
        RequestSigner(
            accessKey: key, secret: SecretBytes(Array(secret.utf8)), session: session, region: region)
    }
}
