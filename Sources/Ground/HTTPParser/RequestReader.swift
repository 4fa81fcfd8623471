import HTTPModel

/// Turns an inspected head into its meaning, and refuses those whose meaning is not certain.
struct RequestReader {
    let input: UnsafeRawBufferPointer
    let inspector: HeadInspector

    private var fields = HTTPFields()
    private var host: String?
    private var contentLength: Int64?
    private var codings: [String]?
    private var expectsContinue = false

    init(_ input: UnsafeRawBufferPointer, _ inspector: HeadInspector) {
        self.input = input
        self.inspector = inspector
    }

    /// The head, with `isKeptAlive` still to be set.
    mutating func read() throws(HTTPParseError) -> HTTPRequestHead {
        fields.reserveCapacity(inspector.fields.count)
        for field in inspector.fields { try read(field) }
        let method = readMethod()
        let target = try readTarget(method)
        let body = try readBody()
        if inspector.minorVersion == 1, host == nil { throw .bad("a request of HTTP/1.1 without Host") }
        return HTTPRequestHead(
            method: method, target: target, fields: fields, minorVersion: inspector.minorVersion, body: body,
            isKeptAlive: false,
            expectsContinue: expectsContinue && inspector.minorVersion == 1 && body != .none)
    }

    private func text(_ range: Range<Int>) -> String {
        String(decoding: UnsafeRawBufferPointer(rebasing: input[range]), as: UTF8.self)
    }

    private func isSame(_ range: Range<Int>, _ lowered: StaticString) -> Bool {
        guard range.count == lowered.utf8CodeUnitCount else { return false }
        for index in 0..<range.count
        where Octet.lowered(input[range.lowerBound + index]) != lowered.utf8Start[index] { return false }
        return true
    }

    private mutating func read(_ field: FieldSpan) throws(HTTPParseError) {
        let value = text(field.value)
        switch field.name.count {
        case 4 where isSame(field.name, "host"):
            guard host == nil else { throw .bad("more than one Host") }
            try Self.checkHost(field.value.lazy.map { [input] in input[$0] })
            host = value
        case 6 where isSame(field.name, "expect"):
            guard isSame(field.value, "100-continue") else {
                throw HTTPParseError(.expectationFailed, "only the expectation '100-continue' can be met")
            }
            expectsContinue = true
        case 14 where isSame(field.name, "content-length"):
            guard contentLength == nil else { throw .bad("more than one Content-Length") }
            contentLength = try readLength(field.value)
        case 17 where isSame(field.name, "transfer-encoding"):
            codings = (codings ?? []) + [value]
        default: break
        }
        fields.append(name: text(field.name), value: value)
    }

    private func readLength(_ range: Range<Int>) throws(HTTPParseError) -> Int64 {
        // 18 digits never overflow. A list such as `5, 5`, which RFC 9110 lets pass, is no number either.
        guard !range.isEmpty, range.count <= 18, range.allSatisfy({ Octet.isDigit(input[$0]) }) else {
            throw .bad("the Content-Length is not a number of at most 18 digits")
        }
        return range.reduce(0) { $0 * 10 + Int64(input[$1] & 0x0F) }
    }

    private func readBody() throws(HTTPParseError) -> HTTPRequestHead.Body {
        guard let codings else { return contentLength.map { $0 == 0 ? .none : .fixed($0) } ?? .none }
        guard contentLength == nil else { throw .bad("both Content-Length and Transfer-Encoding") }
        guard inspector.minorVersion == 1 else { throw .bad("Transfer-Encoding in a request of HTTP/1.0") }
        var isChunked = false
        for coding in codings.joined(separator: ",").utf8.split(
            separator: 0x2C, omittingEmptySubsequences: false)
        {
            let name = coding.filter { $0 != Octet.space && $0 != Octet.tab }.map(Octet.lowered)
            guard !name.isEmpty else { throw .bad("an empty transfer coding") }
            guard name.elementsEqual("chunked".utf8) else {
                throw HTTPParseError(
                    .notImplemented, "only the transfer coding 'chunked' is understood here")
            }
            guard !isChunked else { throw .bad("the transfer coding 'chunked' twice") }
            isChunked = true
        }
        return .chunked
    }

    private func readMethod() -> HTTPMethod {
        switch inspector.method.count {
        case 3 where isMethod("GET"): .get
        case 3 where isMethod("PUT"): .put
        case 4 where isMethod("HEAD"): .head
        case 4 where isMethod("POST"): .post
        case 5 where isMethod("PATCH"): .patch
        case 6 where isMethod("DELETE"): .delete
        case 7 where isMethod("OPTIONS"): .options
        default: HTTPMethod(rawValue: text(inspector.method))
        }
    }

    private func isMethod(_ method: StaticString) -> Bool {
        for index in 0..<method.utf8CodeUnitCount
        where input[inspector.method.lowerBound + index] != method.utf8Start[index] { return false }
        return true
    }

    /// The target in origin form (RFC 9112, section 3.2).
    private mutating func readTarget(_ method: HTTPMethod) throws(HTTPParseError) -> String {
        let range = inspector.target
        try checkEscapes(range)
        if input[range.lowerBound] == 0x2F { return text(range) }
        if range.count == 1, input[range.lowerBound] == 0x2A, method == .options { return "*" }
        if method.rawValue == "CONNECT" {
            throw HTTPParseError(.notImplemented, "this server is not a proxy")
        }
        guard let scheme = schemeLength(range) else {
            throw .bad("the request target is neither a path that starts with '/' nor an http URL")
        }
        let rest = range.dropFirst(scheme)
        let end = rest.first { input[$0] == 0x2F || input[$0] == 0x3F } ?? range.upperBound
        let authority = text(rest.lowerBound..<end)
        guard !authority.isEmpty else { throw .bad("the request target names no host") }
        try Self.checkHost(authority.utf8)
        if let host, !HTTPFields.isSame(host, authority) {
            throw .bad("the request target and Host name different hosts")
        }
        let path = text(end..<range.upperBound)
        return path.hasPrefix("/") ? path : "/" + path
    }

    private func schemeLength(_ range: Range<Int>) -> Int? {
        for scheme in ["http://", "https://"] as [StaticString] {
            let count = scheme.utf8CodeUnitCount
            if range.count > count, isSame(range.lowerBound..<range.lowerBound + count, scheme) {
                return count
            }
        }
        return nil
    }

    private func checkEscapes(_ range: Range<Int>) throws(HTTPParseError) {
        for index in range where input[index] == 0x25 {
            guard index + 2 < range.upperBound, Octet.hexadecimal(input[index + 1]) != nil,
                Octet.hexadecimal(input[index + 2]) != nil
            else { throw .bad("a '%' in the request target without two hexadecimal digits") }
        }
    }

    /// A host and perhaps a port, as RFC 3986 has them, without user information.
    private static func checkHost(_ bytes: some Sequence<UInt8>) throws(HTTPParseError) {
        for byte in bytes {
            let isSpecial = byte == 0x2F || byte == 0x3F || byte == 0x40 || byte == 0x2C
            guard Octet.isTarget(byte), !isSpecial else { throw .bad("\(Octet.name(byte)) in the host") }
        }
    }
}
