public import Core
import Glibc
import Synchronization

/// The time zones that this machine knows, by their names in the IANA database.
public final class ZoneDirectory: Sendable {
    private struct Entry {
        var rules: TimeZoneRules
        var readAt: Timestamp
    }

    /// Governments change their minds, and packages are upgraded.
    private static let lifetime = Duration.seconds(3600)

    private let path: String
    private let read: @Sendable (String) throws(ApolloError) -> [UInt8]?
    private let known = Mutex<[String: Entry]>([:])

    /// - Parameter read: the content of a file, nil for one that is not there.
    public init(
        path: String = "/usr/share/zoneinfo",
        read: @escaping @Sendable (String) throws(ApolloError) -> [UInt8]? = ZoneDirectory.read
    ) {
        self.path = path
        self.read = read
    }

    /// The rules of a zone such as `Europe/Berlin`; `UTC` needs no file.
    public func rules(_ name: String, at now: Timestamp) throws(ApolloError) -> TimeZoneRules {
        if name == "UTC" { return .utc }
        if let entry = known.withLock({ $0[name] }), entry.readAt.duration(to: now) < Self.lifetime {
            return entry.rules
        }
        guard Self.isName(name) else {
            throw ApolloError(
                .invalid, "'\(name)' is no name of a time zone", hint: "such as Europe/Berlin, or UTC")
        }
        guard let bytes = try read("\(path)/\(name)") else {
            throw ApolloError(
                .invalid, "there is no time zone '\(name)' on this machine",
                hint:
                    "names are those under \(path), such as Europe/Berlin; they come with the package tzdata")
        }
        do {
            let rules = try TimeZoneRules(file: bytes)
            known.withLock { $0[name] = Entry(rules: rules, readAt: now) }
            return rules
        } catch {
            throw ApolloError(
                .invalid, "the file of the time zone '\(name)' \(error)",
                hint: "install the package tzdata again")
        }
    }

    /// Up to one byte more than the longest file; nil where there is none.
    public static let read: @Sendable (String) throws(ApolloError) -> [UInt8]? = {
        (path) throws(ApolloError) -> [UInt8]? in
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            if errno == ENOENT || errno == ENOTDIR { return nil }
            throw ApolloError(.unavailable, "cannot read '\(path)': \(String(cString: strerror(errno)))")
        }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 8192)
        while bytes.count <= TimeZoneRules.maximumFileSize {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            if count < 0 {
                if errno == EINTR { continue }
                // A part of the world, such as Europe, is a directory.
                if errno == EISDIR { return nil }
                throw ApolloError(.unavailable, "cannot read '\(path)': \(String(cString: strerror(errno)))")
            }
            if count == 0 { break }
            bytes += buffer[..<count]
        }
        return bytes
    }

    /// Letters, digits, `_`, `+`, `-` and slashes between them: nothing that leads elsewhere.
    public static func isName(_ name: String) -> Bool {
        guard (1...64).contains(name.utf8.count) else { return false }
        return name.split(separator: "/", omittingEmptySubsequences: false).allSatisfy { part in
            !part.isEmpty
                && part.utf8.allSatisfy { byte in
                    switch byte {
                    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x5F, 0x2B, 0x2D: true
                    default: false
                    }
                }
        }
    }
}
