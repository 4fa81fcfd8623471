import ImageModel
import ScriptedRegistries
import TestImages

/// An image of busybox for containers of tests.
enum BusyboxImage {
    static let name = "apollo.test/busybox:1"

    /// A registry in memory that has it.
    static func registry() throws -> ScriptedImages {
        ScriptedImages(
            [name: [try BusyboxLayer.tar()]],
            defaults: .init(
                environment: ["PATH=/bin:/opt/bin", "FROM_IMAGE=yes"], command: ["sh"], workingDirectory: "/")
        )
    }
}
