import HTTPModel

/// The answers that the server itself gives: problem details (RFC 9457).
enum Problem {
    /// A response with `status`, and with what is wrong if the client can do something about it.
    static func response(_ status: HTTPStatus, _ detail: String?) -> HTTPResponse {
        var text = #"{"type":"about:blank","title":"\#(status.reason)","status":\#(status.rawValue)"#
        if let detail { text += #","detail":"\#(escaped(detail))""# }
        text += "}"
        return HTTPResponse(
            status, fields: HTTPFields(["Content-Type": "application/problem+json"]),
            body: .bytes(Array(text.utf8)))
    }

    private static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case _ where scalar.value < 0x20:
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}

extension HTTPResponseBody {
    /// The length of a body that is in memory.
    var knownLength: Int64 { if case .bytes(let bytes) = self { Int64(bytes.count) } else { 0 } }
}
