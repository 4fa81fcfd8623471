/// What `wrk` prints, read.
public struct WrkReport: Hashable, Sendable {
    public var requests: Int
    public var requestsPerSecond: Double
    /// Responses that were no success, and connections that broke.
    public var failures: Int

    /// Nil where the text is no such report.
    public init?(parsing text: String) {
        var (requests, rate): (Int?, Double?) = (nil, nil)
        var failures = 0
        for line in text.split(separator: "\n") {
            let words = line.split(separator: " ")
            if words.count > 3, words[1] == "requests", words[2] == "in" { requests = Int(words[0]) }
            if words.count == 2, words[0] == "Requests/sec:" { rate = Double(words[1]) }
            // "Non-2xx or 3xx responses: 12", "Socket errors: connect 0, read 3, write 0, timeout 0".
            if line.contains("Non-2xx") || line.contains("Socket errors:") {
                failures += words.compactMap { Int($0.filter { $0 != "," }) }.reduce(0, +)
            }
        }
        guard let requests, let rate else { return nil }
        self.requests = requests
        requestsPerSecond = rate
        self.failures = failures
    }
}
