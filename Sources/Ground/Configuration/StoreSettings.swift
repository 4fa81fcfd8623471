public import Core

// The object store and the registry of images.
extension PlatformSettings {
    public static let objectsEnabled = Setting(
        "objects.enabled", .bool, default: true, help: "Whether the platform serves its object store, by S3.")
    public static let objectsAddress = Setting(
        "objects.address", .optional(.string), default: { _ in nil }, described: "http.address",
        example: "127.0.0.1",
        help: "The address to listen on for S3, with the TLS of HTTP. Beyond loopback TLS is required.")
    public static let objectsPort = Setting(
        "objects.port", .optional(.port), default: { _ in nil },
        described: "one above http.port: 7071; a free one where http.port is 0", example: "7071",
        help: "The port to listen on for S3; 0 for one that is free.")
    public static let objectsDirectory = Setting(
        "objects.directory", .optional(.path), default: { _ in nil }, described: "objects in data.directory",
        example: "/mnt/objects",
        help:
            "Where the bytes of larger objects are. Of several managers all need the same one, on a file system that they share."
    )

    public static let objectsUploads = Setting(
        "objects.uploads", .duration, default: .seconds(7 * 86400),
        help: "How long an upload in parts may take, after which it is given up; an hour at least.")

    public static let objectsScrub = Setting(
        "objects.scrub", .duration, default: .seconds(7 * 86_400),
        help: "How often all bytes of objects are read and held against their checksums; a second at least.")

    public static let objectsLifecycleDay = Setting(
        "objects.lifecycle_day", .duration, default: .seconds(86_400),
        help: "How long a day of the rules is that objects go by; shorter only to try rules out.")

    public static let imagesEnabled = Setting(
        "images.enabled", .optional(.bool), default: { _ in nil }, described: "objects.enabled",
        example: "false",
        help: "Whether the platform serves its image registry, beside its API.")
    public static let imagesAnonymous = Setting(
        "images.anonymous", .optional(.string), default: { _ in nil }, described: "none",
        example: "public,default",
        help: "The projects, with commas, whose images anybody may pull without a login.")
    public static let imagesQuota = Setting(
        "images.quota", .optional(.bytes), default: { _ in nil }, described: "no limit", example: "50GiB",
        help: "The most that the images of one project have, layers that several share counted once.")
    public static let imagesGrace = Setting(
        "images.grace", .duration, default: .seconds(86400),
        help: """
            How long a layer is kept that no image uses: what a push has brought, and the collection of garbage leaves alone. \
            A minute at least.
            """)
    public static let imagesUploads = Setting(
        "images.uploads", .duration, default: .seconds(86400),
        help: "How long the upload of a layer may take, after which it is given up; a minute at least.")
}
