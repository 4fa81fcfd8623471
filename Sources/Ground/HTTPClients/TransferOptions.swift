import CCurl
import Core
import Glibc
import HTTPModel

extension EasyHandle {
    /// A handle with every option of `transfer` set, ready to be added.
    static func configured(
        for transfer: Transfer, _ configuration: HTTPClientConfiguration
    ) throws(HTTPClientError) -> EasyHandle {
        var handle = try EasyHandle()
        try handle.setAddress(of: transfer, configuration)
        try handle.setMethodAndBody(of: transfer)
        try handle.setFields(of: transfer, configuration)
        if transfer.request.url.hasPrefix("https://") {
            try handle.setTrust(configuration.tls, peer: transfer.peer)
        }
        try handle.setCallbacks(of: transfer)
        return handle
    }

    private func setAddress(
        of transfer: Transfer, _ configuration: HTTPClientConfiguration
    ) throws(HTTPClientError) {
        let request = transfer.request
        guard request.url.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7f }) else {
            throw .invalidRequest("the address '\(request.url)' has blanks or control characters")
        }
        guard request.url.hasPrefix("http://") || request.url.hasPrefix("https://") else {
            throw .invalidRequest("the address '\(request.url)' does not start with http:// or https://")
        }
        try set(CURLOPT_URL, request.url)
        try set(CURLOPT_PROTOCOLS_STR, "http,https")
        try set(CURLOPT_REDIR_PROTOCOLS_STR, "http,https")
        try set(CURLOPT_PATH_AS_IS, 1)
        try set(CURLOPT_NOSIGNAL, 1)
        try set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1))
        try set(CURLOPT_TCP_KEEPALIVE, 1)
        // Servers commonly close connections idle for a minute; below that, the race with their closing is rare.
        try set(CURLOPT_MAXAGE_CONN, 30)
        try set(CURLOPT_BUFFERSIZE, 64 << 10)
        try set(CURLOPT_CONNECTTIMEOUT_MS, max(1, Int(transfer.timeouts.connect.inMicroseconds / 1000)))
        try set(CURLOPT_FOLLOWLOCATION, request.maximumRedirects > 0 ? 1 : 0)
        try set(CURLOPT_MAXREDIRS, request.maximumRedirects)
        try set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
        if let socket = request.unixSocket ?? configuration.unixSocket {
            // sun_path holds 108 bytes with the terminating zero (unix(7)).
            guard (1...107).contains(socket.utf8.count), !socket.utf8.contains(0) else {
                throw .invalidRequest("the unix socket's path '\(socket)' is empty or longer than 107 bytes")
            }
            try set(CURLOPT_UNIX_SOCKET_PATH, socket)
            try set(CURLOPT_PROXY, "")
        } else if !configuration.usesEnvironmentProxy || Self.isLoopback(request.authority) {
            try set(CURLOPT_PROXY, "")
        }
    }

    /// Whether `authority` is this machine by its very name.
    static func isLoopback(_ authority: String) -> Bool {
        if authority.hasPrefix("[") { return authority.hasPrefix("[::1]") }
        let host = authority.prefix { $0 != ":" }.lowercased()
        let octets = host.split(separator: ".", omittingEmptySubsequences: false)
        let isLoopbackAddress =
            octets.count == 4 && octets[0] == "127" && octets.allSatisfy { UInt8($0) != nil }
        return isLoopbackAddress || host == "localhost" || host.hasSuffix(".localhost")
    }

    private static let longBody: Int64 = 1 << 20

    private func setMethodAndBody(of transfer: Transfer) throws(HTTPClientError) {
        let method = transfer.request.method
        let isToken = !method.rawValue.isEmpty && method.rawValue.utf8.allSatisfy(HTTPSyntax.isTokenByte)
        guard isToken else { throw .invalidRequest("'\(method)' is not a method") }
        var hasBody = true
        if case .empty = transfer.request.body {
            // A length of zero is to be said where the method's meaning has a body (RFC 9110, section 8.6).
            hasBody = [.post, .put, .patch].contains(method)
        }
        guard method != .head else {
            guard !hasBody else { throw .invalidRequest("a HEAD request has no body") }
            return try set(CURLOPT_NOBODY, 1)
        }
        if hasBody {
            try set(CURLOPT_UPLOAD, 1)
            try set(CURLOPT_INFILESIZE_LARGE, offset: transfer.bodyLength ?? -1)
            // Of what is long more at once: each time costs wakes on both sides, more than a copy does.
            if (transfer.bodyLength ?? .max) > Self.longBody { try set(CURLOPT_UPLOAD_BUFFERSIZE, 256 << 10) }
        }
        try set(CURLOPT_CUSTOMREQUEST, method.rawValue)
    }

    private mutating func setFields(
        of transfer: Transfer, _ configuration: HTTPClientConfiguration
    ) throws(HTTPClientError) {
        let fields = transfer.request.fields
        for field in fields.lines {
            guard !field.name.isEmpty, field.name.utf8.allSatisfy(HTTPSyntax.isTokenByte) else {
                throw .invalidRequest("'\(field.name)' is not a field name")
            }
            guard field.value.utf8.allSatisfy(HTTPSyntax.isValueByte) else {
                throw .invalidRequest("the field \(field.name) has control characters")
            }
            let isOurs = ["Content-Length", "Transfer-Encoding"].contains {
                HTTPFields.isSame($0, field.name)
            }
            guard !isOurs else { throw .invalidRequest("the field \(field.name) is written by the client") }
            // A name with a colon and nothing after it would take the field away; a semicolon sends it empty.
            try append(header: field.value.isEmpty ? "\(field.name);" : "\(field.name): \(field.value)")
        }
        if !fields.contains("Expect") { try append(header: "Expect:") }
        if !fields.contains("User-Agent") { try append(header: "User-Agent: \(configuration.userAgent)") }
        try setHeaders()
    }

    private func setTrust(_ tls: HTTPClientTLS, peer: String) throws(HTTPClientError) {
        // libcurl reads them in the middle of the handshake, when a failure looks like the peer's.
        for file in [tls.authorityFile, tls.certificateFile, tls.keyFile].compactMap({ $0 })
        where access(file, R_OK) != 0 {
            let reason = String(cString: strerror(errno)).lowercased()
            throw .tls(peer: peer, reason: "cannot read '\(file)': \(reason)")
        }
        try set(CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
        if !tls.verifiesPeer {
            try set(CURLOPT_SSL_VERIFYPEER, 0)
            try set(CURLOPT_SSL_VERIFYHOST, 0)
        }
        if let file = tls.authorityFile {
            try set(CURLOPT_CAINFO, file)
            try set(CURLOPT_CAPATH, nil)
        }
        if let file = tls.certificateFile { try set(CURLOPT_SSLCERT, file) }
        if let file = tls.keyFile { try set(CURLOPT_SSLKEY, file) }
    }

    private func setCallbacks(of transfer: Transfer) throws(HTTPClientError) {
        // Not retained: the loop holds every transfer whose handle libcurl has.
        let context = Unmanaged.passUnretained(transfer).toOpaque()
        try set(CURLOPT_PRIVATE, pointer: context)
        try set(CURLOPT_HEADERDATA, pointer: context)
        try set(CURLOPT_WRITEDATA, pointer: context)
        try set(CURLOPT_READDATA, pointer: context)
        try set(CURLOPT_SEEKDATA, pointer: context)
        try set(CURLOPT_PREREQDATA, pointer: context)
        try setBeforeRequest { context, _, _, _, _ in
            Transfer.of(context).willSend() ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT
        }
        try set(CURLOPT_HEADERFUNCTION) { bytes, size, count, context in
            let line = UnsafeRawBufferPointer(start: bytes, count: size * count)
            return Transfer.of(context).receiveHeader(line) ? line.count : 0
        }
        try set(CURLOPT_WRITEFUNCTION) { bytes, size, count, context in
            let body = UnsafeRawBufferPointer(start: bytes, count: size * count)
            guard !body.isEmpty else { return 0 }
            return Transfer.of(context).receiveBody(body) ? body.count : Int(CURL_WRITEFUNC_PAUSE)
        }
        try set(CURLOPT_READFUNCTION) { bytes, size, count, context in
            let buffer = UnsafeMutableRawBufferPointer(start: bytes, count: size * count)
            switch Transfer.of(context).sendBody(buffer) {
            case .bytes(let count): return count
            case .end: return 0
            case .pause: return Int(CURL_READFUNC_PAUSE)
            case .failure: return Int(CURL_READFUNC_ABORT)
            }
        }
        try setSeek { context, offset, origin in
            offset == 0 && origin == 0 && Transfer.of(context).rewind()
                ? CURL_SEEKFUNC_OK : CURL_SEEKFUNC_FAIL
        }
    }
}

extension Transfer {
    static func of(_ context: UnsafeMutableRawPointer?) -> Transfer {
        Unmanaged<Transfer>.fromOpaque(context!).takeUnretainedValue()
    }
}

/// The bytes of names and values (RFC 9110, sections 5.5 and 5.6.2).
enum HTTPSyntax {
    static func isTokenByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
    }

    static func isValueByte(_ byte: UInt8) -> Bool { byte == 9 || (byte >= 0x20 && byte != 0x7f) }
}
