import Core
import ImageFiles
import Testing

@Suite struct FileSystemTests {
    @Test(
        "A program that is not installed is named with its package",
        arguments: [(FileSystemImage.Format.ext4(size: nil), "e2fsprogs"), (.erofs, "erofs-utils")])
    func missing(format: FileSystemImage.Format, package: String) {
        let error = #expect(throws: ApolloError.self) {
            try format.check(with: .init(folders: ["/nowhere"]))
        }
        #expect(error?.kind == .unavailable)
        #expect(error?.hint == "sudo apt-get install \(package)")
    }

    @Test("Programs are found where PATH says, and in Debian's places behind it")
    func places() {
        let places = FileSystemTool.Places(path: "/a:/b")
        #expect(places.folders.prefix(3) == ["/a", "/b", "/usr/local/sbin"])
        #expect(places.folders.contains("/usr/sbin"))
        #expect(FileSystemTool.Places(path: nil).folders.first == "/usr/local/sbin")
    }
}
