import ClusterModel
import Core
import Files
import Glibc

/// The first output of all attempts, in a few files for all of them together: most attempts are short and write little, and a
/// directory and a file for each of them was a third of what a launcher did for it.
///
/// An attempt that writes more, or whose output somebody reads, gets files of its own (``LogWriter/moveOut()``). A file is gone
/// once nothing in it is needed; each launcher begins a new one.
///
///     file    entries
///     entry   length of the body (UInt32) · FNV-1a of the body (UInt32) · body
///     body    attempt (20 bytes of text) · position in its output (UInt64) · a record, see ``LogFormat``
final class SharedOutput {
    /// A record of an attempt, and where it is.
    struct Piece: Hashable {
        var file: Int
        /// Of the record, which is `length` bytes.
        var offset: Int64
        var length: Int
        /// Of the record in the attempt's output.
        var position: UInt64
    }

    /// The most output of one attempt that is here.
    static let mostOfAttempt: UInt64 = 4096
    private static let entryHeaderSize = 8
    private static let bodyHeaderSize = 28

    private let directory: String
    private let fileSize: Int64
    private var current: (number: Int, file: Descriptor, size: Int64)?
    private var last = 0
    /// How many pieces of each file are needed.
    private var needed: [Int: Int] = [:]
    /// What was found at the start, until somebody takes it.
    private var found: [AttemptID: [Piece]] = [:]

    /// Finds what is in `directory`, which need not be there.
    init(directory: String, fileSize: Int64 = 8 << 20) {
        self.directory = directory
        self.fileSize = fileSize
        for (number, path) in Self.files(in: directory) {
            last = max(last, number)
            // One that cannot be read now is left to the next launcher.
            guard let bytes = Self.read(path) else { continue }
            needed[number] = 0
            for (attempt, piece) in Self.entries(in: bytes, of: number) {
                found[attempt, default: []].append(piece)
                needed[number]! += 1
            }
        }
    }

    /// What an attempt of an earlier launcher has here, in order.
    func take(_ attempt: AttemptID) -> [Piece] { found.removeValue(forKey: attempt) ?? [] }

    /// Forgets what was found and nobody has taken.
    func forgetRest() {
        let rest = found
        found = [:]
        for pieces in rest.values { release(pieces) }
        for (number, count) in needed where count == 0 { drop(number) }
    }

    /// Stores a record; nil when that fails.
    func append(
        _ attempt: AttemptID, at position: UInt64, _ header: [UInt8], _ bytes: UnsafeRawBufferPointer
    ) -> Piece? {
        var body = ByteWriter()
        body.raw(attempt.text.utf8)
        body.integer(position)
        body.raw(header)
        body.raw(bytes)
        var entry = ByteWriter()
        entry.integer(UInt32(body.bytes.count))
        entry.integer(Journal.checksum(body.bytes))
        entry.raw(body.bytes)
        guard let (number, file, size) = open(for: entry.bytes.count) else { return nil }
        // The caller counts what could not be written as dropped.
        guard (try? file.writeAll(entry.bytes, to: Self.path(of: number, in: directory))) != nil else {
            // A disk that filled up took a part: back to the last whole entry.
            ftruncate(file.number, off_t(size))
            return nil
        }
        current?.size = size + Int64(entry.bytes.count)
        needed[number, default: 0] += 1
        let start = Int64(Self.entryHeaderSize + Self.bodyHeaderSize)
        return Piece(
            file: number, offset: size + start, length: header.count + bytes.count, position: position)
    }

    /// The file to write `count` more bytes to.
    private func open(for count: Int) -> (number: Int, file: Descriptor, size: Int64)? {
        if let current, current.size + Int64(count) <= fileSize { return current }
        // As above: counted as dropped.
        guard (try? makeDirectories(directory)) != nil else { return nil }
        let path = Self.path(of: last + 1, in: directory)
        // As above: counted as dropped.
        guard let file = try? Descriptor.open(path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND) else {
            return nil
        }
        let before = current?.number
        last += 1
        current = (last, file, 0)
        needed[last] = 0
        if let before, needed[before] == 0 { drop(before) }
        return current
    }

    /// The bytes of a piece; nil when they cannot be read.
    func read(_ piece: Piece) -> [UInt8]? {
        // Nil says so.
        guard let file = try? Descriptor.open(Self.path(of: piece.file, in: directory), O_RDONLY) else {
            return nil
        }
        var bytes = [UInt8](repeating: 0, count: piece.length)
        let count = retryingInterrupts { pread(file.number, &bytes, piece.length, off_t(piece.offset)) }
        return count == piece.length ? bytes : nil
    }

    /// These are not needed any more.
    func release(_ pieces: [Piece]) {
        for piece in pieces {
            guard let count = needed[piece.file] else { continue }
            needed[piece.file] = count - 1
            if count == 1 { drop(piece.file) }
        }
    }

    /// Lets go of the file that is written to, and of what is empty by now: the launcher ends.
    func close() {
        let number = current?.number
        current = nil
        if let number, needed[number] == 0 { drop(number) }
        rmdir(directory)
    }

    private func drop(_ number: Int) {
        guard current?.number != number else { return }
        needed[number] = nil
        unlink(Self.path(of: number, in: directory))
    }

    // MARK: Files

    /// How many bytes of records each attempt has in the files of `directory`.
    static func sizes(in directory: String) -> [AttemptID: UInt64] {
        var sizes: [AttemptID: UInt64] = [:]
        for (number, path) in files(in: directory) {
            // One that is gone meanwhile is not needed any more.
            for (attempt, piece) in entries(in: read(path) ?? [], of: number) {
                sizes[attempt, default: 0] += UInt64(piece.length)
            }
        }
        return sizes
    }

    private static func files(in directory: String) -> [(number: Int, path: String)] {
        DirectoryNames.found(in: directory).compactMap { name in
            Int(name).flatMap { $0 > 0 ? ($0, path(of: $0, in: directory)) : nil }
        }.sorted { $0.0 < $1.0 }
    }

    private static func path(of number: Int, in directory: String) -> String { "\(directory)/\(number)" }

    private static func read(_ path: String) -> [UInt8]? {
        // Nil says so.
        (try? Descriptor.open(path, O_RDONLY))?.readAll(most: 64 << 20)
    }

    /// The whole entries of a file. No byte is trusted: what follows a damaged one is not read.
    static func entries(in bytes: [UInt8], of file: Int) -> [(AttemptID, Piece)] {
        var entries: [(AttemptID, Piece)] = []
        var reader = ByteReader(bytes)
        while reader.remaining > 0 {
            do throws(WireError) {
                let length = Int(try reader.integer(UInt32.self))
                let sum: UInt32 = try reader.integer()
                let start = bytes.count - reader.remaining
                let body = try reader.bytes(length)
                guard sum == Journal.checksum(body), length > bodyHeaderSize else { return entries }
                var parts = ByteReader(body)
                let text = String(decoding: try parts.bytes(20), as: UTF8.self)
                guard let attempt = AttemptID(parsing: text) else { return entries }
                entries.append(
                    (
                        attempt,
                        Piece(
                            file: file, offset: Int64(start + bodyHeaderSize),
                            length: length - bodyHeaderSize,
                            position: try parts.integer())
                    ))
            } catch {
                return entries
            }
        }
        return entries
    }
}
