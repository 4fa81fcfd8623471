// Tasks that belong together: which there are, and how many of each every node has.
extension Scheduler {
    mutating func group(_ name: String) -> Int32 {
        if let known = groupOf[name] { return known }
        let index: Int32
        if let reused = freeGroups.popLast() {
            index = reused
            groups[Int(index)] = Group(name: name)
        } else {
            index = Int32(groups.count)
            groups.append(Group(name: name))
        }
        groupOf[name] = index
        return index
    }

    mutating func join(_ group: Int32) -> Int32 {
        groups[Int(group)].members += 1
        return group
    }

    mutating func leave(_ group: Int32) {
        groups[Int(group)].members -= 1
        guard groups[Int(group)].members == 0 else { return }
        groupOf[groups[Int(group)].name] = nil
        groups[Int(group)] = Group()
        freeGroups.append(group)
    }

    mutating func count(_ number: Int32, on node: Int32, by step: Int32) {
        // Nearly always it is in none: told without a copy of the class.
        let (spread, apart) = Self.withClass(&classes[Int(number)]) { ($0.spreadGroup, $0.apartGroup) }
        if let apart, apart != spread { count(group: apart, on: node, by: step) }
        if let spread { count(group: spread, on: node, by: step) }
    }

    private mutating func count(group: Int32, on node: Int32, by step: Int32) {
        let left = (groups[Int(group)].counts[node] ?? 0) + step
        groups[Int(group)].counts[node] = left == 0 ? nil : left
        for member in groups[Int(group)].spreads {
            Self.count(&classes[Int(member)], on: node, by: step)
        }
    }

    private static func count(_ askClass: inout AskClass?, on node: Int32, by step: Int32) {
        guard let traits = askClass?.index?.traits, Int(node) < traits.count else { return }
        askClass!.index!.counts[Int(traits[Int(node)].domain)] += step
    }
}
