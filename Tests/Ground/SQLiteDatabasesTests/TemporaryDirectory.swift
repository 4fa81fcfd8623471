import Glibc
import Testing

/// A private directory, removed with the files in it when the test ends.
struct TemporaryDirectory: Sendable {
    /// The one of this test; there is one under the trait ``TemporaryDirectoryTrait``.
    @TaskLocal static var current = TemporaryDirectory(path: "/nonexistent")

    let path: String

    static func make() throws -> TemporaryDirectory {
        var template = Array("/tmp/apollo-db-XXXXXX".utf8CString)
        try #require(mkdtemp(&template) != nil, "cannot make a directory in /tmp")
        return TemporaryDirectory(
            path: String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self))
    }

    func remove() {
        for name in entries { unlink(path + "/" + name) }
        rmdir(path)
    }

    /// The names of the files in it.
    var entries: [String] {
        guard let directory = opendir(path) else { return [] }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }
}

/// Gives each test, and each case of it, a ``TemporaryDirectory/current`` of its own.
struct TemporaryDirectoryTrait: TestTrait, SuiteTrait, TestScoping {
    let isRecursive = true

    func provideScope(
        for test: Test, testCase: Test.Case?,
        performing function: @concurrent @Sendable () async throws -> Void
    ) async throws {
        guard testCase != nil else { return try await function() }
        let directory = try TemporaryDirectory.make()
        defer { directory.remove() }
        try await TemporaryDirectory.$current.withValue(directory) { try await function() }
    }
}

extension Trait where Self == TemporaryDirectoryTrait {
    static var temporaryDirectory: Self { Self() }
}
