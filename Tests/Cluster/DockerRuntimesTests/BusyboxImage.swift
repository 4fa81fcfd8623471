import Core
import Cryptography
import TestImages

/// An image for tests in the layout of `docker save`.
enum BusyboxImage {
    static let name = "apollo-test/busybox:1"
    static var isThere: Bool { BusyboxLayer.isThere }

    /// The archive for `POST /images/load`.
    static func archive() throws -> [UInt8] {
        let layer = try BusyboxLayer.tar()
        let digest = "sha256:" + SHA256.hash(layer).hex
        let configuration = """
            {"architecture":"\(BusyboxLayer.architecture)","os":"linux","config":{"Env":["PATH=/bin:/opt/bin","FROM_IMAGE=yes"],\
            "Cmd":["sh"],"WorkingDir":"/"},"rootfs":{"type":"layers","diff_ids":["\(digest)"]}}
            """
        let manifest = #"[{"Config":"config.json","RepoTags":["\#(name)"],"Layers":["layer.tar"]}]"#
        var tar = TarWriter()
        tar.add(file: "config.json", Array(configuration.utf8))
        tar.add(file: "layer.tar", layer)
        tar.add(file: "manifest.json", Array(manifest.utf8))
        return tar.finish()
    }
}
