import HTTPModel

/// Finds the routes of a path. Literal segments go before parameters, and parameters before the rest of a path.
struct RouteTrie: Sendable {
    private struct Node: Sendable {
        var literals: [(name: String, node: Int)] = []
        var parameter: Int?
        var methods: [(method: HTTPMethod, route: Int)] = []
        var restMethods: [(method: HTTPMethod, route: Int)] = []
    }

    /// The routes of a path, by method, and what its parameters are.
    struct Match: Sendable {
        var methods: [(method: HTTPMethod, route: Int)]
        /// From left to right.
        var captures: [String]

        /// The route of `method`; that of GET for HEAD (RFC 9110, section 9.3.2).
        func route(_ method: HTTPMethod) -> Int? {
            if let found = methods.first(where: { $0.method == method }) { return found.route }
            return method == .head ? methods.first { $0.method == .get }?.route : nil
        }

        /// What stands in `Allow`.
        var allowed: [String] {
            var names = methods.map(\.method.rawValue) + ["OPTIONS"]
            if names.contains("GET"), !names.contains("HEAD") { names.append("HEAD") }
            return Array(Set(names)).sorted()
        }
    }

    private var nodes = [Node()]

    /// Adds route number `route`; false where one of the same method and path is there already.
    mutating func add(_ pattern: PathPattern, _ method: HTTPMethod, _ route: Int) -> Bool {
        var at = 0
        for segment in pattern.segments {
            switch segment {
            case .literal(let name): at = child(of: at, named: name)
            case .parameter:
                if nodes[at].parameter == nil {
                    nodes.append(Node())
                    nodes[at].parameter = nodes.count - 1
                }
                at = nodes[at].parameter!
            case .rest:
                guard !nodes[at].restMethods.contains(where: { $0.method == method }) else { return false }
                nodes[at].restMethods.append((method, route))
                return true
            }
        }
        guard !nodes[at].methods.contains(where: { $0.method == method }) else { return false }
        nodes[at].methods.append((method, route))
        return true
    }

    private mutating func child(of at: Int, named name: String) -> Int {
        if let found = nodes[at].literals.first(where: { $0.name == name }) { return found.node }
        nodes.append(Node())
        nodes[at].literals.append((name, nodes.count - 1))
        return nodes.count - 1
    }

    /// The routes of a decoded path; nil where there are none.
    func match(_ segments: [String]) -> Match? {
        var captures: [String] = []
        let methods = match(segments, 0, at: 0, &captures)
        return methods.map { Match(methods: $0, captures: captures) }
    }

    // Goes back where a literal leads nowhere. It goes no deeper than the longest pattern, so the ways are few.
    private func match(
        _ segments: [String], _ index: Int, at: Int, _ captures: inout [String]
    ) -> [(method: HTTPMethod, route: Int)]? {
        let node = nodes[at]
        guard index < segments.count else { return node.methods.isEmpty ? nil : node.methods }
        let segment = segments[index]
        if let literal = node.literals.first(where: { $0.name == segment }),
            let found = match(segments, index + 1, at: literal.node, &captures)
        {
            return found
        }
        if let parameter = node.parameter, !segment.isEmpty {
            captures.append(segment)
            if let found = match(segments, index + 1, at: parameter, &captures) { return found }
            captures.removeLast()
        }
        guard !node.restMethods.isEmpty else { return nil }
        // An encoded slash or an empty segment would make two different paths the same text.
        let rest = segments[index...]
        guard rest.allSatisfy({ !$0.isEmpty && !$0.utf8.contains(UInt8(ascii: "/")) }) else { return nil }
        captures.append(rest.joined(separator: "/"))
        return node.restMethods
    }
}
