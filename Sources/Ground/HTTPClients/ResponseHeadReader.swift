import HTTPModel

/// Puts a response's head together from the lines libcurl hands over, one at a time with its line end.
///
/// Pure. Interim responses (1xx) and redirects that will be followed are passed over; lines after the final head are
/// trailers and are dropped, but count.
struct ResponseHeadReader {
    struct Head: Hashable, Sendable {
        var status: HTTPStatus
        var fields: HTTPFields
    }

    enum Failure: Error, Hashable { case tooLarge, malformed(String) }

    /// Bytes of lines still allowed.
    private var allowance: Int
    private let maximumRedirects: Int
    /// Redirects passed over so far.
    private(set) var redirects = 0
    private var status: HTTPStatus?
    private var fields = HTTPFields()
    private(set) var isComplete = false

    init(limit: Int, maximumRedirects: Int) {
        allowance = limit
        self.maximumRedirects = maximumRedirects
    }

    /// Takes one line; returns the head when the line ends it.
    mutating func read(_ line: UnsafeRawBufferPointer) throws(Failure) -> Head? {
        allowance -= line.count
        guard allowance >= 0 else { throw .tooLarge }
        guard !isComplete else { return nil }
        let text = String(decoding: line, as: UTF8.self).trimmingLineEnd
        guard let status else {
            self.status = try Self.status(of: text)
            fields = HTTPFields()
            return nil
        }
        guard text.isEmpty else {
            // A line that starts with a blank would go on with the one before (RFC 9112, section 5.2): nobody sends it.
            guard let colon = text.firstIndex(of: ":"), colon != text.startIndex, text.first != " ",
                text.first != "\t"
            else { throw .malformed("a field without a colon") }
            fields.append(
                name: String(text[..<colon]),
                value: String(text[text.index(after: colon)...].trimmingBlanks))
            return nil
        }
        self.status = nil
        if (100..<200).contains(status.rawValue), status != 101 { return nil }
        if redirects < maximumRedirects, Self.isRedirect(status), fields.contains("Location") {
            redirects += 1
            return nil
        }
        isComplete = true
        return Head(status: status, fields: fields)
    }

    /// `HTTP/1.1 200 OK`.
    private static func status(of line: Substring) throws(Failure) -> HTTPStatus {
        let words = line.split(separator: " ", maxSplits: 2)
        guard words.count >= 2, words[0].hasPrefix("HTTP/"), words[1].utf8.count == 3,
            let code = Int(words[1])
        else { throw .malformed("the status line '\(line.prefix(80))'") }
        return HTTPStatus(rawValue: code)
    }

    private static func isRedirect(_ status: HTTPStatus) -> Bool {
        [301, 302, 303, 307, 308].contains(status.rawValue)
    }
}

extension String {
    fileprivate var trimmingLineEnd: Substring {
        var bytes = utf8[...]
        if bytes.last == 10 { bytes.removeLast() }
        if bytes.last == 13 { bytes.removeLast() }
        return Substring(bytes)
    }
}
