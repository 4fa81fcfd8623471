import ClusterModel
import Scheduling

/// Lines of waiting tasks in the order of their oldest, each with what it asks: the oldest of those that would fit into some room
/// is found without looking at the others. A treap (Seidel and Aragon, "Randomized search trees", 1996) in which each node knows
/// the least that is asked below it. One store holds many trees, each known by its root.
struct AgeTree: Sendable {
    static let empty: Int32 = -1

    private struct Node: Sendable {
        var age: TaskID
        var own: Amounts
        /// The least of each amount that is asked in its tree.
        var least: Amounts
        var left = AgeTree.empty
        var right = AgeTree.empty
        let weight: UInt32
    }

    /// By the number of the line.
    private var nodes: [Node?] = []

    /// Puts a line, which is in no tree, into the tree of `root`.
    mutating func insert(_ line: Int32, age: TaskID, asking amounts: Amounts, into root: inout Int32) {
        while nodes.count <= Int(line) { nodes.append(nil) }
        // As good as random, and the same in each run: Fibonacci hashing of the line's number.
        let weight = UInt32(truncatingIfNeeded: (UInt64(line) &+ 1) &* 0x9E37_79B9_7F4A_7C15 >> 32)
        nodes[Int(line)] = Node(age: age, own: amounts, least: amounts, weight: weight)
        let (before, after) = split(root, at: age)
        root = merge(merge(before, line), after)
    }

    mutating func remove(_ line: Int32, from root: inout Int32) {
        guard let age = nodes[Int(line)]?.age else { return }
        root = removing(line, of: age, from: root)
        nodes[Int(line)] = nil
    }

    /// The oldest line after `age` that asks for no more than `room`.
    func first(in root: Int32, fitting room: Amounts, after age: TaskID?) -> (line: Int32, age: TaskID)? {
        guard root != Self.empty, let node = nodes[Int(root)], node.least.fits(in: room) else { return nil }
        let isAfter = age.map { node.age > $0 } ?? true
        guard isAfter else { return first(in: node.right, fitting: room, after: age) }
        if let found = first(in: node.left, fitting: room, after: age) { return found }
        if node.own.fits(in: room) { return (root, node.age) }
        return first(in: node.right, fitting: room, after: nil)
    }

    private mutating func removing(_ line: Int32, of age: TaskID, from root: Int32) -> Int32 {
        guard root != Self.empty, let node = nodes[Int(root)] else { return root }
        if root == line { return merge(node.left, node.right) }
        if age < node.age {
            nodes[Int(root)]!.left = removing(line, of: age, from: node.left)
        } else {
            nodes[Int(root)]!.right = removing(line, of: age, from: node.right)
        }
        renew(root)
        return root
    }

    /// The lines older than `age`, and the others.
    private mutating func split(_ root: Int32, at age: TaskID) -> (Int32, Int32) {
        guard root != Self.empty, let node = nodes[Int(root)] else { return (Self.empty, Self.empty) }
        if node.age < age {
            let (before, after) = split(node.right, at: age)
            nodes[Int(root)]!.right = before
            renew(root)
            return (root, after)
        }
        let (before, after) = split(node.left, at: age)
        nodes[Int(root)]!.left = after
        renew(root)
        return (before, root)
    }

    /// One tree of two, of which all in the first are older.
    private mutating func merge(_ first: Int32, _ second: Int32) -> Int32 {
        guard first != Self.empty, let one = nodes[Int(first)] else { return second }
        guard second != Self.empty, let other = nodes[Int(second)] else { return first }
        if one.weight > other.weight {
            nodes[Int(first)]!.right = merge(one.right, second)
            renew(first)
            return first
        }
        nodes[Int(second)]!.left = merge(first, other.left)
        renew(second)
        return second
    }

    private mutating func renew(_ root: Int32) {
        guard var node = nodes[Int(root)] else { return }
        node.least = node.own
        for child in [node.left, node.right] where child != Self.empty {
            if let least = nodes[Int(child)]?.least { node.least = node.least.least(least) }
        }
        nodes[Int(root)] = node
    }
}
