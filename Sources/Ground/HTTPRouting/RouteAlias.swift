public import HTTPModel

extension Route {
    /// The same operation under another path: what it takes, does, answers and asks of its caller is this one's own.
    ///
    /// - Parameters:
    ///   - method: this route's own unless said.
    ///   - path: names the same parameters.
    ///   - operation: unique in a router, as every operation's.
    public func alias(
        _ method: HTTPMethod? = nil, at path: String, operation: String, summary: String, tag: String
    ) -> Route {
        let pattern = PathPattern(path)
        precondition(
            pattern.names == self.pattern.names, "'\(path)' has other parameters than '\(self.pattern)'")
        return Route(
            alias: self, method: method ?? self.method, pattern: pattern, operation: operation,
            summary: summary,
            tag: tag)
    }
}
