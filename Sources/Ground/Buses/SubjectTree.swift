/// Values under patterns, found by subject in time that depends on the subject's tokens and not on how many patterns there are.
package struct SubjectTree<Value> {
    private struct Node {
        var children: [Substring: Node] = [:]
        /// Those whose pattern ends here, and those whose `>` stands here.
        var here: [UInt64: Value] = [:]
        var below: [UInt64: Value] = [:]

        var isEmpty: Bool { children.isEmpty && here.isEmpty && below.isEmpty }
    }

    private var root = Node()
    package private(set) var count = 0

    package init() {}

    package mutating func insert(_ value: Value, id: UInt64, under pattern: SubjectPattern) {
        count += 1
        Self.insert(value, id, pattern.tokens[...], &root)
    }

    package mutating func remove(id: UInt64, under pattern: SubjectPattern) {
        if Self.remove(id, pattern.tokens[...], &root) { count -= 1 }
    }

    /// Calls `found` with every value whose pattern matches, once each.
    package func forEach(matching subject: Subject, _ found: (Value) -> Void) {
        Self.visit(root, subject.text[...].utf8, found)
    }

    /// Calls `found` with every value.
    func forEachValue(_ found: (Value) -> Void) { Self.visitAll(root, found) }

    private static func visitAll(_ node: Node, _ found: (Value) -> Void) {
        for value in node.here.values { found(value) }
        for value in node.below.values { found(value) }
        for child in node.children.values { visitAll(child, found) }
    }

    private static func insert(
        _ value: Value, _ id: UInt64, _ tokens: ArraySlice<Substring>, _ node: inout Node
    ) {
        guard let token = tokens.first else { return node.here[id] = value }
        if token == ">" { return node.below[id] = value }
        insert(value, id, tokens.dropFirst(), &node.children[token, default: Node()])
    }

    private static func remove(_ id: UInt64, _ tokens: ArraySlice<Substring>, _ node: inout Node) -> Bool {
        guard let token = tokens.first else { return node.here.removeValue(forKey: id) != nil }
        if token == ">" { return node.below.removeValue(forKey: id) != nil }
        guard node.children[token] != nil else { return false }
        let isRemoved = remove(id, tokens.dropFirst(), &node.children[token]!)
        // What nobody wants any more takes no memory.
        if node.children[token]!.isEmpty { node.children[token] = nil }
        return isRemoved
    }

    /// - Parameter rest: the tokens that are left, of which no more are split off than somebody asks for: most subjects of a busy
    ///   manager nobody has subscribed to. Nil where none are.
    private static func visit(_ node: Node, _ rest: Substring.UTF8View?, _ found: (Value) -> Void) {
        guard let rest else {
            for value in node.here.values { found(value) }
            return
        }
        for value in node.below.values { found(value) }
        guard !node.children.isEmpty else { return }
        let dot = rest.firstIndex(of: UInt8(ascii: "."))
        let token = Substring(rest[..<(dot ?? rest.endIndex)])
        let behind = dot.map { rest[rest.index(after: $0)...] }
        if let child = node.children[token] { visit(child, behind, found) }
        if let child = node.children["*"] { visit(child, behind, found) }
    }
}
