import CLLHTTP
import HTTPModel

/// llhttp, the parser of Node.js, as the second reader of every byte that frames a message.
///
/// It is fed whole heads, whole chunk lines and the data between them, after the inspectors have passed them. Both must
/// understand the same: then neither a fault of ours nor one of llhttp's (Debian's has known leniencies) lets a request be
/// smuggled.
final class LLHTTPMachine {
    /// What llhttp read in a head.
    struct Head {
        var isChunked = false
        var contentLength: UInt64 = 0
        var isKeptAlive = false
    }

    /// What it found since the last ``feed(_:)``.
    private struct Findings {
        var head: Head?
        var bodyBytes = 0
        var isComplete = false
    }

    private let parser: UnsafeMutablePointer<llhttp_t>
    private var findings = Findings()

    /// The callbacks are the same for every parser.
    private static let settings = Settings()

    private final class Settings: Sendable {
        nonisolated(unsafe) let pointer: UnsafeMutablePointer<llhttp_settings_t>

        init() {
            pointer = .allocate(capacity: 1)
            llhttp_settings_init(pointer)
            pointer.pointee.on_headers_complete = { parser in
                // An upgrade is for the server to accept; until then the connection speaks HTTP.
                parser!.pointee.upgrade = 0
                let flags = UInt32(parser!.pointee.flags)
                LLHTTPMachine.of(parser).findings.head = Head(
                    isChunked: flags & F_CHUNKED.rawValue != 0, contentLength: parser!.pointee.content_length,
                    isKeptAlive: llhttp_should_keep_alive(parser) != 0)
                return 0
            }
            pointer.pointee.on_body = { parser, _, count in
                LLHTTPMachine.of(parser).findings.bodyBytes += count
                return 0
            }
            pointer.pointee.on_message_complete = { parser in
                LLHTTPMachine.of(parser).findings.isComplete = true
                return 0
            }
        }
    }

    init() {
        parser = .allocate(capacity: 1)
        llhttp_init(parser, HTTP_REQUEST, Self.settings.pointer)
        parser.pointee.data = Unmanaged.passUnretained(self).toOpaque()
    }

    deinit { parser.deallocate() }

    private static func of(_ parser: UnsafeMutablePointer<llhttp_t>?) -> LLHTTPMachine {
        Unmanaged.fromOpaque(parser!.pointee.data).takeUnretainedValue()
    }

    /// Reads a whole head, after which a new message is awaited or its body.
    func readHead(_ bytes: UnsafeRawBufferPointer) throws(HTTPParseError) -> Head {
        llhttp_reset(parser)
        try feed(bytes)
        guard let head = findings.head else { throw .bad("the head does not end where it seems to") }
        return head
    }

    /// Reads a chunk's line or trailers, in which there must be no data. Whether the message ended with it.
    func readFraming(_ bytes: UnsafeRawBufferPointer) throws(HTTPParseError) -> Bool {
        try feed(bytes)
        guard findings.bodyBytes == 0 else { throw .bad("a chunk does not start where it seems to") }
        return findings.isComplete
    }

    /// Reads data of a chunk and nothing else.
    func readData(_ bytes: UnsafeRawBufferPointer) throws(HTTPParseError) {
        try feed(bytes)
        guard findings.bodyBytes == bytes.count, !findings.isComplete else {
            throw .bad("a chunk does not end where it seems to")
        }
    }

    private func feed(_ bytes: UnsafeRawBufferPointer) throws(HTTPParseError) {
        findings = Findings()
        let code = llhttp_execute(parser, bytes.baseAddress?.assumingMemoryBound(to: CChar.self), bytes.count)
        switch code {
        case HPE_OK: return
        case HPE_INVALID_METHOD, HPE_INVALID_CONSTANT:
            throw HTTPParseError(.notImplemented, "the method is not known here")
        default:
            let reason = llhttp_get_error_reason(parser).map { String(cString: $0) } ?? ""
            throw .bad("not a valid request: \(reason)")
        }
    }
}
