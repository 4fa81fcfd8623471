/// Grants by the resource they are on. One flat table of edges and one of grants: a look-up is a hash a segment, with no
/// node to copy or to follow.
struct GrantTree: Sendable {
    private struct Edge: Hashable {
        let parent: Int32
        let segment: String
    }

    private struct Cell: Hashable {
        let node: Int32
        let subject: Int32
    }

    /// How often each level is granted, `deny` first.
    private typealias Counts = SIMD8<Int32>

    private var edges: [Edge: Int32] = [:]
    private var cells: [Cell: Counts] = [:]
    /// By node: how many grants are at it or under it. Those of the schemes are first, and always there.
    private var weights = [Int32](repeating: 0, count: ResourceURI.Scheme.allCases.count)
    /// By node: how many cells it has.
    private var cellCounts = [Int32](repeating: 0, count: ResourceURI.Scheme.allCases.count)
    private var free: [Int32] = []

    mutating func add(_ permission: Permission, to subject: Int32, at resource: ResourceURI) {
        var node = Self.root(resource.scheme)
        for segment in resource.path {
            weights[Int(node)] += 1
            let edge = Edge(parent: node, segment: segment)
            if let child = edges[edge] {
                node = child
            } else {
                let child = makeNode()
                edges[edge] = child
                node = child
            }
        }
        weights[Int(node)] += 1
        let cell = Cell(node: node, subject: subject)
        if cells[cell] == nil { cellCounts[Int(node)] += 1 }
        cells[cell, default: Counts()][permission.rank] += 1
    }

    /// False if it was not there.
    mutating func remove(_ permission: Permission, from subject: Int32, at resource: ResourceURI) -> Bool {
        var path = [Self.root(resource.scheme)]
        for segment in resource.path {
            guard let child = edges[Edge(parent: path[path.count - 1], segment: segment)] else {
                return false
            }
            path.append(child)
        }
        let node = path[path.count - 1]
        let cell = Cell(node: node, subject: subject)
        guard var counts = cells[cell], counts[permission.rank] > 0 else { return false }
        counts[permission.rank] -= 1
        if counts == Counts() {
            cells[cell] = nil
            cellCounts[Int(node)] -= 1
        } else {
            cells[cell] = counts
        }
        for (depth, node) in path.enumerated() {
            weights[Int(node)] -= 1
            guard weights[Int(node)] == 0, depth > 0 else { continue }
            edges[Edge(parent: path[depth - 1], segment: resource.path[depth - 1])] = nil
            free.append(node)
        }
        return true
    }

    /// The highest level that any of `subjects` has on the way to `resource`; `deny` where one is denied.
    func permission(of subjects: [Int32], on resource: ResourceURI) -> Permission {
        var node = Self.root(resource.scheme)
        var highest = Permission.deny
        for segment in resource.path {
            guard let child = edges[Edge(parent: node, segment: segment)] else { break }
            node = child
            guard cellCounts[Int(node)] > 0 else { continue }
            for subject in subjects {
                guard let counts = cells[Cell(node: node, subject: subject)] else { continue }
                if counts[0] > 0 { return .deny }
                for level in Permission.granting where counts[level.rank] > 0 && level > highest {
                    highest = level
                }
            }
        }
        return highest
    }

    /// Whether any of `subjects` is denied on the way to `resource`.
    func isDenied(_ subjects: [Int32], on resource: ResourceURI) -> Bool {
        var node = Self.root(resource.scheme)
        for segment in resource.path {
            guard let child = edges[Edge(parent: node, segment: segment)] else { return false }
            node = child
            guard cellCounts[Int(node)] > 0 else { continue }
            for subject in subjects where cells[Cell(node: node, subject: subject)]?[0] ?? 0 > 0 {
                return true
            }
        }
        return false
    }

    /// Whether a grant may be under `resource`: there is none where all that count are at it, one for each cell.
    func mayHaveGrants(below resource: ResourceURI) -> Bool {
        var node = Self.root(resource.scheme)
        for segment in resource.path {
            guard let child = edges[Edge(parent: node, segment: segment)] else { return false }
            node = child
        }
        return weights[Int(node)] > cellCounts[Int(node)]
    }

    private mutating func makeNode() -> Int32 {
        if let node = free.popLast() { return node }
        weights.append(0)
        cellCounts.append(0)
        return Int32(weights.count - 1)
    }

    private static func root(_ scheme: ResourceURI.Scheme) -> Int32 { scheme.number }
}
