import EventLoops
import HTTPModel

/// How a response's end is known.
enum ResponseFraming {
    /// No body may follow: 204 and 304.
    case none
    case length(Int64)
    case chunked
    /// The end of the connection is the end of the body: for HTTP/1.0.
    case untilClose
}

/// What goes with a response's own fields.
struct ResponseFrame {
    var framing: ResponseFraming
    /// What `Connection` says, if anything.
    var connection: StaticString?
}

/// Writes a response's head into a buffer of the loop.
struct ResponseHeadWriter {
    private let buffer: UnsafeMutableRawBufferPointer
    private var end = 0
    private let loop: EventLoop

    var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: buffer[..<end]) }

    /// Takes a buffer that holds the head of `response` and `extra` bytes behind it.
    init(_ response: HTTPResponse, extra: Int, loop: EventLoop) {
        var size = 256 + extra
        for field in response.fields.lines { size += field.name.utf8.count + field.value.utf8.count + 4 }
        self.loop = loop
        buffer =
            size <= BufferPool.capacity
            ? loop.buffers.take() : .allocate(byteCount: size, alignment: 64)
    }

    /// Gives the buffer back. Nothing may be used after that.
    func release() { loop.buffers.giveBack(buffer) }

    /// The head. False where a field cannot be sent: a line's end within it would make another response of it.
    mutating func write(_ response: HTTPResponse, _ frame: ResponseFrame, date: DateCache) -> Bool {
        writeStatus(response.status)
        for field in response.fields.lines where !Self.isOwn(field.name) {
            guard !field.name.utf8.isEmpty, write(field.name, isAllowed: Self.isToken) else { return false }
            write(": ")
            guard write(field.value, isAllowed: Self.isValue) else { return false }
            write("\r\n")
        }
        write("Date: ")
        date.withBytes { copy($0) }
        switch frame.framing {
        case .none, .untilClose: break
        case .length(let length):
            write("\r\nContent-Length: ")
            writeDecimal(length)
        case .chunked: write("\r\nTransfer-Encoding: chunked")
        }
        if let connection = frame.connection {
            write("\r\nConnection: ")
            write(connection)
        }
        write("\r\n\r\n")
        return true
    }

    /// A small body behind the head.
    mutating func append(_ body: [UInt8]) { body.withUnsafeBytes { copy($0) } }

    /// The fields that the server writes itself.
    private static func isOwn(_ name: String) -> Bool {
        switch name.utf8.count {
        case 4: HTTPFields.isSame(name, "date")
        case 10: HTTPFields.isSame(name, "connection")
        case 14: HTTPFields.isSame(name, "content-length")
        case 17: HTTPFields.isSame(name, "transfer-encoding")
        default: false
        }
    }

    private mutating func writeStatus(_ status: HTTPStatus) {
        if status == .ok { return write("HTTP/1.1 200 OK\r\n") }
        write("HTTP/1.1 ")
        writeDecimal(Int64(status.rawValue))
        write(" ")
        _ = write(status.reason, isAllowed: Self.isValue)
        write("\r\n")
    }

    private mutating func write(_ text: StaticString) {
        copy(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    private mutating func copy(_ bytes: UnsafeRawBufferPointer) {
        UnsafeMutableRawBufferPointer(rebasing: buffer[end...]).copyMemory(from: bytes)
        end += bytes.count
    }

    private mutating func write(_ text: String, isAllowed: (UInt8) -> Bool) -> Bool {
        var text = text
        let start = end
        text.withUTF8 { copy(UnsafeRawBufferPointer($0)) }
        return buffer[start..<end].allSatisfy(isAllowed)
    }

    private mutating func writeDecimal(_ number: Int64) {
        var digits = number
        var count = 1
        while digits >= 10 {
            digits /= 10
            count += 1
        }
        digits = number
        for index in (end..<end + count).reversed() {
            buffer[index] = UInt8(0x30 + digits % 10)
            digits /= 10
        }
        end += count
    }

    private static func isValue(_ byte: UInt8) -> Bool { byte >= 0x20 && byte != 0x7F || byte == 0x09 }

    private static func isToken(_ byte: UInt8) -> Bool {
        // Narrower than RFC 9110 by the characters that no field's name has ever had.
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x5F, 0x2E: true
        default: false
        }
    }
}
