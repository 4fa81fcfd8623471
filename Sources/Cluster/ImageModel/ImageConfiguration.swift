import Documents

/// How an image is run, and what its layers are once unpacked (OCI image specification, "Image Configuration").
public struct ImageConfiguration: Hashable, Sendable {
    /// What a container of the image has where its task says nothing else.
    public struct Defaults: Hashable, Sendable {
        /// `user`, `uid`, `user:group` or `uid:gid`; nil for root.
        public var user: String?
        /// Such as `80/tcp`.
        public var exposedPorts: [String]
        /// `NAME=value`.
        public var environment: [String]
        public var entrypoint: [String]
        public var command: [String]
        public var volumes: [String]
        public var workingDirectory: String?
        public var labels: ImageAnnotations
        /// Such as `SIGTERM`.
        public var stopSignal: String?
        /// What else a configuration said: Docker's `Healthcheck`, `Shell`, `OnBuild` and so on, which OCI's specification has not.
        var extensions = JSONObject()

        public init(
            user: String? = nil, exposedPorts: [String] = [], environment: [String] = [],
            entrypoint: [String] = [], command: [String] = [], volumes: [String] = [],
            workingDirectory: String? = nil, labels: ImageAnnotations = [:], stopSignal: String? = nil
        ) {
            self.user = user
            self.exposedPorts = exposedPorts
            self.environment = environment
            self.entrypoint = entrypoint
            self.command = command
            self.volumes = volumes
            self.workingDirectory = workingDirectory
            self.labels = labels
            self.stopSignal = stopSignal
        }
    }

    /// How a layer came to be.
    public struct History: Hashable, Sendable {
        public var created: String?
        public var createdBy: String?
        public var comment: String?
        /// It changed no file, and has no layer.
        public var isEmptyLayer: Bool

        public init(
            created: String? = nil, createdBy: String? = nil, comment: String? = nil,
            isEmptyLayer: Bool = false
        ) {
            self.created = created
            self.createdBy = createdBy
            self.comment = comment
            self.isEmptyLayer = isEmptyLayer
        }
    }

    public var platform: ImagePlatform
    /// By RFC 3339.
    public var created: String?
    public var author: String?
    public var defaults: Defaults
    /// Of the layers' tar files, unpacked, from the lowest to the highest.
    public var layers: [ImageDigest]
    public var history: [History]

    public init(
        platform: ImagePlatform, created: String? = nil, author: String? = nil,
        defaults: Defaults = Defaults(), layers: [ImageDigest], history: [History] = []
    ) {
        self.platform = platform
        self.created = created
        self.author = author
        self.defaults = defaults
        self.layers = layers
        self.history = history
    }

    /// Reads a configuration.
    public init(_ bytes: [UInt8]) throws(ImageError) {
        let reading = try ImageReading(bytes)
        platform = ImagePlatform(
            system: try reading.text("os"), architecture: try reading.text("architecture"),
            variant: try reading.optionalText("variant"), version: try reading.optionalText("os.version"))
        created = try reading.optionalText("created")
        author = try reading.optionalText("author")
        defaults =
            try reading.member("config").map { member throws(ImageError) in try Defaults(member) }
            ?? Defaults()
        guard let files = try reading.member("rootfs") else { throw .document("rootfs is missing") }
        layers = []
        let identifiers = try files.texts("diff_ids")
        guard identifiers.count <= ImageLimits.layers else {
            throw .document("rootfs.diff_ids has more than \(ImageLimits.layers) elements")
        }
        for text in identifiers { layers.append(try ImageDigest(parsing: text)) }
        history = []
        for each in try reading.members("history", limit: 4 * ImageLimits.layers) {
            history.append(
                History(
                    created: try each.optionalText("created"), createdBy: try each.optionalText("created_by"),
                    comment: try each.optionalText("comment"),
                    isEmptyLayer: each.value("empty_layer")?.bool ?? false))
        }
    }

    /// The same configuration is always the same bytes.
    public var bytes: [UInt8] {
        var writer = JSONWriter(reserving: 1024)
        writer.beginObject()
        if let created { writer.field("created", created) }
        if let author { writer.field("author", author) }
        writer.field("architecture", platform.architecture)
        writer.field("os", platform.system)
        if let version = platform.version { writer.field("os.version", version) }
        if let variant = platform.variant { writer.field("variant", variant) }
        defaults.write(&writer)
        writer.key("rootfs")
        writer.beginObject()
        writer.field("type", "layers")
        writer.field("diff_ids", .array(layers.map { .string($0.text) }))
        writer.endObject()
        if !history.isEmpty {
            writer.key("history")
            writer.beginArray()
            for each in history { each.write(&writer) }
            writer.endArray()
        }
        writer.endObject()
        return writer.bytes
    }
}

extension ImageConfiguration.Defaults {
    fileprivate init(_ reading: ImageReading) throws(ImageError) {
        self.init(
            user: try reading.optionalText("User").flatMap { $0.isEmpty ? nil : $0 },
            exposedPorts: try reading.keys("ExposedPorts"), environment: try reading.texts("Env"),
            entrypoint: try reading.texts("Entrypoint"), command: try reading.texts("Cmd"),
            volumes: try reading.keys("Volumes"),
            workingDirectory: try reading.optionalText("WorkingDir").flatMap { $0.isEmpty ? nil : $0 },
            labels: try reading.annotations("Labels"),
            stopSignal: try reading.optionalText("StopSignal").flatMap { $0.isEmpty ? nil : $0 })
        extensions = JSONObject(
            reading.object.members.filter { !Self.names.contains($0.key) && !$0.value.isNull }.sorted {
                $0.key < $1.key
            })
    }

    /// What is read and written by name.
    private static let names: Set<String> = [
        "User", "ExposedPorts", "Env", "Entrypoint", "Cmd", "Volumes", "WorkingDir", "Labels", "StopSignal",
    ]

    fileprivate func write(_ writer: inout JSONWriter) {
        writer.key("config")
        writer.beginObject()
        if let user { writer.field("User", user) }
        Self.writeSet("ExposedPorts", exposedPorts, &writer)
        Self.writeList("Env", environment, &writer)
        Self.writeList("Entrypoint", entrypoint, &writer)
        Self.writeList("Cmd", command, &writer)
        Self.writeSet("Volumes", volumes, &writer)
        if let workingDirectory { writer.field("WorkingDir", workingDirectory) }
        labels.write(as: "Labels", &writer)
        if let stopSignal { writer.field("StopSignal", stopSignal) }
        for member in extensions.members { writer.field(member.key, member.value) }
        writer.endObject()
    }

    private static func writeList(_ name: String, _ texts: [String], _ writer: inout JSONWriter) {
        guard !texts.isEmpty else { return }
        writer.field(name, .array(texts.map { .string($0) }))
    }

    private static func writeSet(_ name: String, _ keys: [String], _ writer: inout JSONWriter) {
        guard !keys.isEmpty else { return }
        writer.key(name)
        writer.beginObject()
        for key in Set(keys).sorted() { writer.field(key, .object(JSONObject())) }
        writer.endObject()
    }
}

extension ImageConfiguration.History {
    fileprivate func write(_ writer: inout JSONWriter) {
        writer.beginObject()
        if let created { writer.field("created", created) }
        if let createdBy { writer.field("created_by", createdBy) }
        if let comment { writer.field("comment", comment) }
        if isEmptyLayer { writer.field("empty_layer", true) }
        writer.endObject()
    }
}
