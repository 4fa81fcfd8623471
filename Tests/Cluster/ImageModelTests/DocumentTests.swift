import ImageModel
import Testing

@Suite struct DocumentTests {
    private static let digest = "sha256:" + String(repeating: "0a", count: 32)

    private static func descriptor(_ type: String, _ more: String = "") -> String {
        #"{"mediaType":"\#(type)","digest":"\#(digest)","size":7\#(more)}"#
    }

    private static func manifest(_ more: String = "") -> String {
        """
        {"schemaVersion":2,"mediaType":"\(ImageMediaType.manifest)",\
        "config":\(descriptor(ImageMediaType.configuration)),\
        "layers":[\(descriptor(ImageMediaType.gzipLayer))]\(more)}
        """
    }

    private static func read(_ text: String, as type: String? = nil) throws(ImageError) -> ImageDocument {
        try ImageDocument(Array(text.utf8), mediaType: type)
    }

    @Test("A manifest is read, and written as the same bytes")
    func manifests() throws {
        let text = Self.manifest(
            #","subject":\#(Self.descriptor(ImageMediaType.manifest)),"annotations":{"a":"1","b":"ü"}"#)
        let document = try Self.read(text)
        guard case .manifest(let manifest) = document else { throw ImageError.document("no manifest") }
        #expect(manifest.layers.count == 1 && manifest.subject?.size == 7)
        #expect(manifest.annotations == ["a": "1", "b": "ü"])
        #expect(String(decoding: document.bytes, as: UTF8.self) == text)
        #expect(document.artifactType == ImageMediaType.configuration)
    }

    @Test("An index names manifests by platform, and the one for a machine is found")
    func indexes() throws {
        func entry(_ architecture: String, _ variant: String = "") -> String {
            Self.descriptor(
                ImageMediaType.manifest,
                #","platform":{"architecture":"\#(architecture)","os":"linux"\#(variant)}"#)
        }
        let text = """
            {"schemaVersion":2,"mediaType":"\(ImageMediaType.index)","manifests":[\
            \(entry("arm64", #","variant":"v7""#)),\(entry("arm64", #","variant":"v8""#)),\(entry("amd64"))]}
            """
        guard case .index(let index) = try Self.read(text, as: ImageMediaType.index) else {
            throw ImageError.document("no index")
        }
        let machine = ImagePlatform(architecture: "arm64", variant: "v8")
        #expect(index.manifest(for: machine)?.platform == machine)
        #expect(index.manifest(for: ImagePlatform(architecture: "amd64"))?.platform?.variant == nil)
        #expect(index.manifest(for: ImagePlatform(architecture: "riscv64")) == nil)
        #expect(String(decoding: index.bytes, as: UTF8.self) == text)
    }

    @Test("Docker's documents, and those of Go with null for what is empty, are read")
    func others() throws {
        let text = """
            {"schemaVersion":2,"mediaType":"\(ImageMediaType.dockerManifest)","layers":null,\
            "config":\(Self.descriptor(ImageMediaType.dockerConfiguration)),"annotations":null}
            """
        guard case .manifest(let manifest) = try Self.read(text) else {
            throw ImageError.document("no manifest")
        }
        #expect(manifest.layers.isEmpty && manifest.mediaType == ImageMediaType.dockerManifest)
        #expect(try Self.read(#"{"schemaVersion":2,"manifests":[]}"#).mediaType == ImageMediaType.index)
    }

    @Test("A document that could be both kinds is refused")
    func ambiguous() {
        #expect(throws: ImageError.self) { try Self.read(Self.manifest(#","manifests":[]"#)) }
        #expect(throws: ImageError.self) { try Self.read(Self.manifest(), as: ImageMediaType.index) }
        #expect(throws: ImageError.self) {
            try Self.read(#"{"schemaVersion":2,"manifests":[]}"#, as: ImageMediaType.manifest)
        }
    }

    @Test(
        "What is broken is refused, with the place",
        arguments: [
            ("", "the document is no JSON: the JSON text is empty"),
            ("[]", "the document is a list, and no object"),
            ("{}", "schemaVersion is not 2: older documents are not supported"),
            (#"{"schemaVersion":1}"#, "schemaVersion is not 2: older documents are not supported"),
            (#"{"schemaVersion":2}"#, "config is missing"),
            (#"{"schemaVersion":2,"layers":[]}"#, "config is missing"),
            (#"{"schemaVersion":2,"config":[]}"#, "config is a list, and no object"),
            (#"{"schemaVersion":2,"manifests":{}}"#, "manifests is an object, and no list"),
            (#"{"schemaVersion":2,"manifests":[1]}"#, "manifests[0] is a number, and no object"),
            (#"{"schemaVersion":2,"manifests":[{}]}"#, "manifests[0].digest is missing"),
        ])
    func broken(text: String, problem: String) {
        #expect(throws: ImageError.document(problem)) { try Self.read(text) }
    }

    @Test("Sizes are not negative, and unknown kinds and too many bytes are told")
    func limits() {
        #expect(throws: ImageError.document("config.size is no number of bytes")) {
            try Self.read(Self.manifest().replacing(#""size":7"#, with: #""size":-1"#))
        }
        #expect(throws: ImageError.mediaType("text/plain")) {
            try Self.read(#"{"schemaVersion":2}"#, as: "text/plain")
        }
        let large = [UInt8](repeating: 0x20, count: ImageLimits.document + 1)
        #expect(throws: ImageError.tooLarge(large.count, limit: ImageLimits.document)) {
            try ImageDocument(large)
        }
    }

    @Test("What OCI's specification has not stays in a configuration, in an order of its own")
    func extensions() throws {
        let text = """
            {"architecture":"amd64","os":"linux","config":{"Shell":["/bin/ash","-c"],"Hostname":null,"StopSignal":"","Cmd":["x"],\
            "Healthcheck":{"Test":["CMD","/ok"],"Interval":30000000000},"ArgsEscaped":true},\
            "rootfs":{"type":"layers","diff_ids":[]}}
            """
        let configuration = try ImageConfiguration(Array(text.utf8))
        #expect(
            String(decoding: configuration.bytes, as: UTF8.self) == """
                {"architecture":"amd64","os":"linux","config":{"Cmd":["x"],"ArgsEscaped":true,\
                "Healthcheck":{"Test":["CMD","/ok"],"Interval":30000000000},"Shell":["/bin/ash","-c"]},\
                "rootfs":{"type":"layers","diff_ids":[]}}
                """)
        #expect(try ImageConfiguration(configuration.bytes) == configuration)
    }

    @Test("A configuration says how to run, and is written as the same bytes")
    func configurations() throws {
        let text = """
            {"created":"2026-11-27T00:00:00Z","architecture":"arm64","os":"linux","variant":"v8",\
            "config":{"User":"app","ExposedPorts":{"80/tcp":{}},"Env":["PATH=/bin"],"Entrypoint":["/app"],\
            "Cmd":["serve"],"Volumes":{"/data":{}},"WorkingDir":"/srv","Labels":{"a":"b"},"StopSignal":"SIGINT"},\
            "rootfs":{"type":"layers","diff_ids":["\(Self.digest)"]},\
            "history":[{"created_by":"apollo","comment":"c"},{"empty_layer":true}]}
            """
        let configuration = try ImageConfiguration(Array(text.utf8))
        #expect(configuration.platform == ImagePlatform(architecture: "arm64", variant: "v8"))
        #expect(configuration.defaults.entrypoint == ["/app"] && configuration.defaults.user == "app")
        #expect(configuration.defaults.exposedPorts == ["80/tcp"] && configuration.layers.count == 1)
        #expect(String(decoding: configuration.bytes, as: UTF8.self) == text)
    }

    @Test("Layers are tar files, packed or not")
    func layers() {
        #expect(ImageMediaType.compression(ofLayer: ImageMediaType.layer) == LayerCompression.none)
        #expect(ImageMediaType.compression(ofLayer: ImageMediaType.zstdLayer) == .zstd)
        #expect(ImageMediaType.compression(ofLayer: ImageMediaType.dockerLayer) == .gzip)
        #expect(ImageMediaType.compression(ofLayer: "application/vnd.oci.image.layer.v1.tar+lz4") == nil)
        #expect(ImageMediaType.compression(ofLayer: "text/plain") == nil)
    }
}
