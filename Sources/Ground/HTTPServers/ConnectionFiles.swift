import Core
import EventLoops
import Glibc
import HTTPModel
import HTTPParser

/// An open file that is being sent.
private final class OpenFile {
    let descriptor: Int32
    let size: Int64
    let modified: Timestamp
    /// Changes whenever the file does, as far as the file system's clock tells.
    let tag: String

    /// Opens a plain file; throws an errno.
    init(_ path: String) throws(Errno) {
        // Without waiting: a pipe under this name must not stop the loop.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
        guard descriptor >= 0 else { throw Errno(code: errno) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            let code = errno
            close(descriptor)
            throw Errno(code: code)
        }
        guard status.st_mode & S_IFMT == S_IFREG else {
            close(descriptor)
            throw Errno(code: EISDIR)
        }
        self.descriptor = descriptor
        size = Int64(status.st_size)
        let nanoseconds = Int64(status.st_mtim.tv_sec) * 1_000_000_000 + Int64(status.st_mtim.tv_nsec)
        modified = Timestamp(microseconds: nanoseconds / 1000)
        tag = "\"\(String(nanoseconds, radix: 36))-\(String(size, radix: 36))\""
    }

    deinit { close(descriptor) }
}

private struct Errno: Error {
    var code: Int32
}

extension Connection {
    /// Answers with a file, or with what of it the request wants.
    func respond(
        withFile path: String, _ response: HTTPResponse, to head: HTTPRequestHead
    ) async throws(TransportError) -> Bool {
        let file: OpenFile
        do throws(Errno) {
            file = try OpenFile(path)
        } catch {
            if error.code == ENOENT || error.code == ENOTDIR || error.code == EISDIR {
                return try await respond(
                    services.configuration.problem(.notFound, "there is no such file"), to: head)
            }
            return try await respondInvalid(
                "cannot open '\(path)': \(String(cString: strerror(error.code)))", to: head)
        }
        var response = response
        let tag = response.fields["ETag"] ?? file.tag
        var selection = ContentSelection.whole
        if response.status == .ok, head.method == .get || head.method == .head {
            selection = ContentSelection(head.fields, size: file.size, tag: tag, modified: file.modified)
            response.fields["ETag"] = tag
            response.fields["Accept-Ranges"] = "bytes"
            if !response.fields.contains("Last-Modified") {
                response.fields["Last-Modified"] = HTTPDate.text(file.modified)
            }
        }
        var part = 0..<file.size
        switch selection {
        case .whole: break
        case .part(let range):
            part = range
            response.status = .partialContent
            response.fields["Content-Range"] =
                "bytes \(range.lowerBound)-\(range.upperBound - 1)/\(file.size)"
        case .notModified:
            return try await respond(HTTPResponse(.notModified, fields: response.fields), to: head)
        case .preconditionFailed:
            return try await respond(
                services.configuration.problem(
                    .preconditionFailed, "the file is not the one the condition names"), to: head
            )
        case .unsatisfiable:
            var problem = services.configuration.problem(
                .rangeNotSatisfiable, "the file has \(file.size) bytes, none of them in the range")
            problem.fields["Content-Range"] = "bytes */\(file.size)"
            return try await respond(problem, to: head)
        }
        let isKept = mayGoOn(head) && body.canBeDrained(upTo: limits.unreadBodyBytes)
        response.body = .empty
        guard try await send(response, frame(.length(Int64(part.count)), isKept, head)) else {
            return try await respondInvalid("a field cannot be sent", to: head)
        }
        if head.method != .head, try await !send(file.descriptor, part) {
            // It shrank while it was sent: the client must not take what it got for the whole.
            transport.socket.reset()
            services.configuration.report(
                .responseInvalid(method: head.method, target: head.target, reason: "'\(path)' became shorter")
            )
            throw .closed
        }
        return isKept
    }

    /// Sends a part of a file. False where the file ends early.
    private func send(_ file: Int32, _ part: Range<Int64>) async throws(TransportError) -> Bool {
        guard transport.isEncrypted else {
            return try await transport.sendFile(file, from: Int(part.lowerBound), count: part.count)
                == part.count
        }
        var offset = part.lowerBound
        while offset < part.upperBound {
            let size = Int(min(part.upperBound - offset, 128 << 10))
            let bytes = [UInt8](unsafeUninitializedCapacity: size) { memory, count in
                count = max(0, pread(file, memory.baseAddress, size, off_t(offset)))
            }
            guard !bytes.isEmpty else { return false }
            try await transport.send(bytes)
            offset += Int64(bytes.count)
        }
        return true
    }

    /// Has the kernel write bytes of a file as a piece of the streamed body of the response to the request numbered `number`. False where
    /// it cannot, since something has to be put around them: then nothing was written.
    func writeBody(
        file: Int32, from offset: Int64, count: Int, of number: Int
    ) async throws(HTTPBodyError) -> Bool {
        guard !transport.isEncrypted, case .length? = stream.framing else { return false }
        await beginWriting()
        defer { stream.endWriting() }
        guard number == request, stream.framing != nil else {
            throw .malformed("the body was written after the response had ended")
        }
        guard count <= stream.left else { throw .malformed("the stream is longer than its length") }
        stream.left -= Int64(count)
        do throws(TransportError) {
            guard try await transport.sendFile(file, from: Int(offset), count: count) == count else {
                throw TransportError.malformed("the file ends early")
            }
        } catch {
            throw error.asBodyError
        }
        return true
    }
}
