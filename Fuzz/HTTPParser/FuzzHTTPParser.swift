import HTTPModel
import HTTPParser

/// Feeds bytes to the parser of requests (https://llvm.org/docs/LibFuzzer.html). Whatever they are and however they are
/// cut, the same is understood; what is understood is well-formed, and means the same when it is written again.
///
/// The first byte chooses how the rest is cut.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzHTTPParser(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let input = UnsafeBufferPointer(start: start, count: count)
    guard let choice = input.first else { return 0 }
    let bytes = Array(input.dropFirst())
    // Small limits, so that short inputs reach them; the large ones of a server are reached by seeds.
    let limits =
        choice & 0x80 == 0
        ? HTTPParserLimits()
        : HTTPParserLimits(targetBytes: 24, fieldCount: 4, fieldBytes: 96, chunkLineBytes: 12)
    let whole = Understanding(of: bytes, piece: { _ in bytes.count }, limits)
    let single = Understanding(of: bytes, piece: { _ in 1 }, limits)
    let mixed = Understanding(of: bytes, piece: { 1 + ($0 &* 7 &+ Int(choice)) % 23 }, limits)
    precondition(whole == single, "byte by byte:\n\(single)\nwhole:\n\(whole)")
    precondition(whole == mixed, "in pieces:\n\(mixed)\nwhole:\n\(whole)")
    for head in whole.heads { check(head) }
    return 0
}

/// What a parser made of its input, without regard to how bodies were cut.
private struct Understanding: Equatable {
    private enum Event: Equatable {
        case head(HTTPRequestHead)
        case body([UInt8])
        case end
    }

    private var events: [Event] = []
    private var error: HTTPParseError?

    var heads: [HTTPRequestHead] {
        events.compactMap { if case .head(let head) = $0 { head } else { nil } }
    }

    init(of bytes: [UInt8], piece: (Int) -> Int, _ limits: HTTPParserLimits) {
        let parser = HTTPRequestParser(limits: limits)
        // A window on the bytes: what has come and is not used up yet.
        var window = 0..<0
        var turn = 0
        do throws(HTTPParseError) {
            while true {
                let (event, consumed) = try parser.next(bytes.span.extracting(window).bytes)
                precondition(consumed >= 0 && consumed <= window.count, "more is used up than there is")
                if case .body(let range) = event {
                    precondition(
                        !range.isEmpty && range.upperBound <= consumed, "a body beyond what is used up")
                    add(
                        bytes[(window.lowerBound + range.lowerBound)..<(window.lowerBound + range.upperBound)]
                    )
                }
                if case .head(let head) = event { events.append(.head(head)) }
                if case .end = event { events.append(.end) }
                window = window.lowerBound + consumed..<window.upperBound
                guard case .needsMore = event else { continue }
                // What one piece brings may lie beyond the limit before the parser sees it.
                if turn > 0, window.count > parser.bufferedLimit {
                    fatalError("more is kept than the limits allow")
                }
                guard window.upperBound < bytes.count else { return }
                let end = min(bytes.count, window.upperBound + piece(turn))
                window = window.lowerBound..<end
                turn += 1
            }
        } catch {
            precondition([400, 414, 417, 431, 501, 505].contains(error.status.rawValue), "\(error)")
            precondition(!error.reason.isEmpty && !error.reason.utf8.contains { $0 < 0x20 })
            self.error = error
        }
    }

    private mutating func add(_ piece: ArraySlice<UInt8>) {
        if case .body(var body)? = events.last {
            body += piece
            events[events.count - 1] = .body(body)
        } else {
            events.append(.body(Array(piece)))
        }
    }
}

/// A head that was taken is one that no reader can misread.
private func check(_ head: HTTPRequestHead) {
    precondition(head.target.hasPrefix("/") || head.target == "*")
    precondition(head.target.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F })
    precondition(head.fields.values("Host").count <= 1)
    let lengths = head.fields.values("Content-Length")
    let codings = head.fields.values("Transfer-Encoding")
    precondition(lengths.count + codings.count <= 1)
    switch head.body {
    case .none: precondition(codings.isEmpty && lengths.allSatisfy { $0.allSatisfy { $0 == "0" } })
    case .fixed(let length): precondition(length > 0 && Int64(lengths[0]) == length)
    case .chunked: precondition(codings.count == 1 && head.minorVersion == 1)
    }
    var text = "\(head.method) \(head.target) HTTP/1.\(head.minorVersion)\r\n"
    for field in head.fields.lines {
        precondition(!field.value.utf8.contains { $0 < 0x20 && $0 != 0x09 || $0 == 0x7F })
        text += "\(field.name): \(field.value)\r\n"
    }
    let bytes = Array((text + "\r\n").utf8)
    do throws(HTTPParseError) {
        let again = try soleHead(bytes)
        precondition(again == head, "written and read again as something else:\n\(text)")
    } catch {
        preconditionFailure("what was taken is refused when it is written again, \(error):\n\(text)")
    }
}

/// The head that `bytes` are, or nil when they are something else or more.
private func soleHead(_ bytes: [UInt8]) throws(HTTPParseError) -> HTTPRequestHead? {
    let limits = HTTPParserLimits(targetBytes: bytes.count, fieldBytes: bytes.count)
    let (event, consumed) = try HTTPRequestParser(limits: limits).next(bytes.span.bytes)
    guard case .head(let head) = event, consumed == bytes.count else { return nil }
    return head
}
