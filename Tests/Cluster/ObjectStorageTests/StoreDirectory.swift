import Glibc
import Testing

/// The directory of a store that is tested.
enum StoreDirectory {
    /// Gives `body` a new one, which goes afterwards.
    static func with(_ body: (String) async throws -> Void) async throws {
        var template = Array("/tmp/apollo-objects-XXXXXX".utf8CString)
        let path = try #require(
            template.withUnsafeMutableBufferPointer { mkdtemp($0.baseAddress!) }.map { String(cString: $0) })
        defer {
            for file in files(path) { unlink(file) }
            for folder in names(path) { rmdir("\(path)/\(folder)") }
            rmdir(path)
        }
        try await body(path)
    }

    static func files(_ path: String) -> [String] {
        names(path).flatMap { folder in names("\(path)/\(folder)").map { "\(path)/\(folder)/\($0)" } }
    }

    private static func names(_ path: String) -> [String] {
        guard let directory = opendir(path) else { return [] }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if !name.hasPrefix(".") { names.append(name) }
        }
        return names
    }
}
