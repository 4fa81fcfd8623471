import ClusterModel
import Scheduling

/// Tasks that wait for a place, in lines: those that ask the same with the same priority wait as one. What holds for the oldest of
/// a line holds for all of it, so that nobody else of it has to be looked at.
///
/// Lines sleep: no node has room for any of them. A node that has more room than before wakes those that fit into it.
struct WaitingQueue: Sendable {
    /// Tasks that ask the same and are equally important.
    struct Line: Sendable {
        let ask: Ask
        let priority: Int
        /// Those for whom no place is being cleared, and those for whom one is.
        fileprivate var sleepers = AgeHeap()
        fileprivate var claimants = AgeHeap()
        fileprivate(set) var sleeperCount = 0
        fileprivate(set) var claimantCount = 0
        /// Who is next: the oldest sleeper, or where there is none, the oldest claimant.
        fileprivate(set) var head: TaskID?
        /// No place can be cleared for it: that was looked for, and no node changed for the better since.
        var isHopeless = false
        /// Why it waits, and as of which state of the nodes.
        var reason: Reason?
    }

    struct Reason: Sendable {
        var time: UInt64
        var facts: WaitingReason
        var text: String
    }

    private struct Member: Sendable {
        var line: Int32
        var isClaimant: Bool
    }

    private struct Key: Hashable {
        var ask: Ask
        var priority: Int
    }

    private struct Level: Sendable {
        let priority: Int
        /// A tree for all lines with the same constraints, which hold for a node or do not.
        var trees: [(constraints: [Constraint], root: Int32)] = []
    }

    private var members: [TaskID: Member] = [:]
    private var lines: [Line?] = []
    private var freeLines: [Int32] = []
    private var lineOf: [Key: Int32] = [:]
    private var ages = AgeTree()
    /// The most important first.
    private var levels: [Level] = []
    /// Lines that are spread, for which room on one node is not all that counts. In no tree.
    private(set) var spreading: Set<Int32> = []

    var isEmpty: Bool { members.isEmpty }
    var count: Int { members.count }
    var ids: some Collection<TaskID> { members.keys }
    /// The priorities that wait, the highest first.
    var priorities: [Int] { levels.map(\.priority) }

    func contains(_ id: TaskID) -> Bool { members[id] != nil }
    func line(of id: TaskID) -> Int32? { members[id]?.line }
    func line(for ask: Ask, priority: Int) -> Int32? {
        lineOf.isEmpty ? nil : lineOf[Key(ask: ask, priority: priority)]
    }

    subscript(line: Int32) -> Line {
        get { lines[Int(line)]! }
        set { lines[Int(line)] = newValue }
    }

    // Without a copy of the whole line.
    func ask(of line: Int32) -> Ask { lines[Int(line)]!.ask }
    func reason(of line: Int32) -> Reason? { lines[Int(line)]!.reason }

    mutating func note(_ reason: Reason, of line: Int32) { lines[Int(line)]!.reason = reason }

    mutating func insert(_ id: TaskID, ask: @autoclosure () -> Ask, priority: Int) {
        guard members[id] == nil else { return }
        let line = open(Key(ask: ask(), priority: priority))
        members[id] = Member(line: line, isClaimant: false)
        lines[Int(line)]!.sleepers.push(id)
        lines[Int(line)]!.sleeperCount += 1
        settle(line, concerning: id)
    }

    mutating func remove(_ id: TaskID) {
        guard let member = members.removeValue(forKey: id) else { return }
        if member.isClaimant {
            lines[Int(member.line)]!.claimantCount -= 1
        } else {
            lines[Int(member.line)]!.sleeperCount -= 1
        }
        settle(member.line, concerning: id)
    }

    /// A place is being cleared for the task, or not any more.
    mutating func mark(_ id: TaskID, isClaimant: Bool) {
        guard let member = members[id], member.isClaimant != isClaimant else { return }
        members[id]!.isClaimant = isClaimant
        let step = isClaimant ? 1 : -1
        lines[Int(member.line)]!.claimantCount += step
        lines[Int(member.line)]!.sleeperCount -= step
        if isClaimant {
            lines[Int(member.line)]!.claimants.push(id)
        } else {
            lines[Int(member.line)]!.sleepers.push(id)
        }
        settle(member.line, concerning: id)
    }

    /// Of the lines of `priority` whose constraints hold for `labels` and that ask for no more than `room`, the one whose head is the
    /// oldest after `age`.
    func first(
        of priority: Int, fitting room: Amounts, on labels: [String: String], after age: TaskID?
    ) -> (line: Int32, age: TaskID)? {
        guard let level = levels.first(where: { $0.priority == priority }) else { return nil }
        var best: (line: Int32, age: TaskID)?
        for tree in level.trees where tree.constraints.allSatisfy({ $0.holds(for: labels) }) {
            guard let found = ages.first(in: tree.root, fitting: room, after: age) else { continue }
            if best.map({ found.age < $0.age }) ?? true { best = found }
        }
        return best
    }

    // MARK: Lines

    private mutating func open(_ key: Key) -> Int32 {
        if let known = lineOf[key] { return known }
        let line: Int32
        if let reused = freeLines.popLast() {
            line = reused
        } else {
            line = Int32(lines.count)
            lines.append(nil)
        }
        lines[Int(line)] = Line(ask: key.ask, priority: key.priority)
        lineOf[key] = line
        if key.ask.spread != nil { spreading.insert(line) }
        return line
    }

    /// Finds the head anew where that may be another, and closes a line in which nobody is left.
    private mutating func settle(_ number: Int32, concerning id: TaskID) {
        var line = lines[Int(number)]!
        // Alone in this array while it is changed: its heaps are not copied.
        lines[Int(number)] = nil
        let members = members
        func isSleeper(_ id: TaskID) -> Bool {
            members[id].map { $0.line == number && !$0.isClaimant } ?? false
        }
        func isClaimant(_ id: TaskID) -> Bool {
            members[id].map { $0.line == number && $0.isClaimant } ?? false
        }
        let before = line.head
        if before.map({ id <= $0 || !isSleeper($0) }) ?? true {
            line.head = line.sleepers.oldest(where: isSleeper) ?? line.claimants.oldest(where: isClaimant)
        }
        line.sleepers.compact(keeping: line.sleeperCount, where: isSleeper)
        line.claimants.compact(keeping: line.claimantCount, where: isClaimant)
        // Who comes next has to look: what changed for the better meanwhile was not looked at for nobody.
        if line.sleeperCount == 0 { line.isHopeless = false }
        let head = line.head
        lines[Int(number)] = line
        guard before != head else { return }
        if line.ask.spread == nil { plant(number, line, before: before) }
        guard head == nil else { return }
        lineOf[Key(ask: line.ask, priority: line.priority)] = nil
        lines[Int(number)] = nil
        spreading.remove(number)
        freeLines.append(number)
    }

    /// Puts the line where its head belongs.
    private mutating func plant(_ number: Int32, _ line: Line, before: TaskID?) {
        let level: Int
        if let known = levels.firstIndex(where: { $0.priority <= line.priority }) {
            level = known
            if levels[known].priority != line.priority {
                levels.insert(Level(priority: line.priority), at: known)
            }
        } else {
            level = levels.count
            levels.append(Level(priority: line.priority))
        }
        let constraints = line.ask.constraints
        let tree: Int
        if let known = levels[level].trees.firstIndex(where: { $0.constraints == constraints }) {
            tree = known
        } else {
            tree = levels[level].trees.count
            levels[level].trees.append((constraints, AgeTree.empty))
        }
        var root = levels[level].trees[tree].root
        if before != nil { ages.remove(number, from: &root) }
        if let head = line.head {
            ages.insert(number, age: head, asking: line.ask.amounts, into: &root)
        }
        levels[level].trees[tree].root = root
        guard root == AgeTree.empty else { return }
        levels[level].trees.remove(at: tree)
        if levels[level].trees.isEmpty { levels.remove(at: level) }
    }
}
