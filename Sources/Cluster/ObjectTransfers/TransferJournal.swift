import Core
import Cryptography
import Glibc
import Synchronization

/// Where it is kept what was done of large transfers, so that they can be gone on with: a file for each, which one program at a time
/// has.
public struct TransferJournals: Sendable {
    let directory: String

    /// - Parameter directory: made where it is not there.
    public init(_ directory: String) { self.directory = directory }

    /// Whether files can be made there.
    public var isUsable: Bool {
        do throws(ApolloError) { try LocalFiles.makeFolders(of: "\(directory)/x") } catch { return false }
        return access(directory, W_OK | X_OK) == 0
    }

    /// The file of a transfer.
    ///
    /// - Parameters:
    ///   - what: all that names it: store, object, file.
    /// - Throws: ``ApolloError`` of kind `conflict` where another program is at it.
    func open(_ what: [String]) throws(ApolloError) -> TransferJournal {
        let name = String(SHA256.hash(what.joined(separator: "\n")).hex.prefix(32))
        try LocalFiles.makeFolders(of: "\(directory)/x")
        return try TransferJournal("\(directory)/\(name)", mark: String(name.prefix(8)), what)
    }
}

/// The file of one transfer.
final class TransferJournal: Sendable {
    /// What may be told apart by it in the names of other files.
    let mark: String
    private let path: String
    private let descriptor: Int32
    private static let limit = 1 << 20

    fileprivate init(_ path: String, mark: String, _ what: [String]) throws(ApolloError) {
        let descriptor = Glibc.open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw LocalFiles.failure("make", path) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(descriptor)
            throw ApolloError(
                .conflict, "another program is copying \(what.joined(separator: " ").printable)",
                hint: "wait for it to end")
        }
        (self.path, self.mark, self.descriptor) = (path, mark, descriptor)
    }

    deinit { close(descriptor) }

    /// What was kept; nil where there is nothing, or nothing that can be read.
    func read() throws(ApolloError) -> TransferRecord? {
        let bytes = try LocalFiles.read(Self.limit, at: 0, from: descriptor, path)
        return String(validating: bytes, as: UTF8.self).flatMap { TransferRecord($0) }
    }

    func begin(_ record: TransferRecord) throws(ApolloError) {
        guard ftruncate(descriptor, 0) == 0 else { throw LocalFiles.failure("write to", path) }
        try LocalFiles.write(Array(record.head.utf8), to: descriptor, path)
        for (part, checksum) in record.parts.sorted(by: { $0.key < $1.key }) { try add(part, checksum) }
    }

    func add(_ part: Int, _ checksum: UInt32) throws(ApolloError) {
        try LocalFiles.write(Array(TransferRecord.line(part, checksum).utf8), to: descriptor, path)
    }

    /// The transfer is over.
    func end() { unlink(path) }
}
