/// What the labels of all nodes mean to the asks that look at them in the same way: found out once for all classes of such, and
/// brought up to date for the nodes that came or changed since. Its copies share the list.
struct NodeTraits: Sendable {
    /// What an ask looks at of a node's labels.
    struct View: Hashable, Sendable {
        var constraints: [Constraint]
        var affinities: [Affinity]
        /// The label that is spread over.
        var spread: String?

        init(_ ask: Ask) {
            (constraints, affinities, spread) = (ask.constraints, ask.affinities, ask.spread?.label)
        }

        /// Whether labels mean nothing to it.
        var isIndifferent: Bool { constraints.isEmpty && affinities.isEmpty && spread == nil }
    }

    /// What one node is to it: whether the constraints hold, the domain of its spread, the weight of affinities.
    struct Traits: Sendable {
        var isEligible: Bool
        var domain: Int32
        var bonus: Float
    }

    let view: View
    /// How many classes have this view: without one it is forgotten.
    var classes = 0
    private(set) var traits: [Traits] = []
    /// The number of each value of the label that is spread over, from 1; 0 is for nodes without it.
    private var domains: [String: Int32] = [:]
    /// As of which time of the table.
    private var time: UInt64 = 0

    init(_ view: View) { self.view = view }

    /// How many domains there are.
    var domainCount: Int { domains.count + 1 }

    /// Takes in the nodes that came or changed since.
    mutating func learn(_ table: NodeTable) {
        guard traits.count != table.count || table.renewedAt > time else { return }
        traits.reserveCapacity(table.count)
        if view.isIndifferent {
            while traits.count < table.count {
                traits.append(Traits(isEligible: true, domain: 0, bonus: 0))
            }
        } else {
            table.forEach { number, node in
                if Int(number) >= traits.count {
                    traits.append(look(node.offer.labels))
                } else if node.renewedAt > time {
                    traits[Int(number)] = look(node.offer.labels)
                }
            }
        }
        time = table.time
    }

    private mutating func look(_ labels: [String: String]) -> Traits {
        var bonus: Float = 0
        for affinity in view.affinities where affinity.condition.holds(for: labels) {
            // A weight of 100 is more than all that room can make a difference of.
            bonus += Float(affinity.weight) * 0.1
        }
        return Traits(
            isEligible: view.constraints.allSatisfy { $0.holds(for: labels) }, domain: domain(of: labels),
            bonus: bonus)
    }

    private mutating func domain(of labels: [String: String]) -> Int32 {
        guard let spread = view.spread, let value = labels[spread] else { return 0 }
        if let known = domains[value] { return known }
        let new = Int32(domains.count + 1)
        domains[value] = new
        return new
    }
}

/// The ways in which classes look at labels, by number.
struct ViewTable: Sendable {
    private var all: [NodeTraits?] = []
    private var numbers: [NodeTraits.View: Int32] = [:]
    private var free: [Int32] = []

    subscript(number: Int32) -> NodeTraits { all[Int(number)]! }

    /// How many are kept.
    var count: Int { numbers.count }

    /// The number of a view, for one class more.
    mutating func join(_ view: NodeTraits.View) -> Int32 {
        if let known = numbers[view] {
            all[Int(known)]!.classes += 1
            return known
        }
        var new = NodeTraits(view)
        new.classes = 1
        let number: Int32
        if let reused = free.popLast() {
            number = reused
            all[Int(number)] = new
        } else {
            number = Int32(all.count)
            all.append(new)
        }
        numbers[view] = number
        return number
    }

    /// A class of it is gone.
    mutating func leave(_ number: Int32) {
        all[Int(number)]!.classes -= 1
        guard all[Int(number)]!.classes == 0 else { return }
        numbers[all[Int(number)]!.view] = nil
        all[Int(number)] = nil
        free.append(number)
    }

    /// Brings one up to date.
    mutating func learn(_ number: Int32, _ table: NodeTable) { Self.learn(&all[Int(number)]!, table) }

    private static func learn(_ traits: inout NodeTraits, _ table: NodeTable) { traits.learn(table) }
}

extension Scheduler {
    /// Tells a class what the labels of nodes mean to it.
    mutating func teach(_ number: Int32) {
        let view = classes[Int(number)]!.view
        views.learn(view, table)
        classes[Int(number)]!.learn(views[view], table)
    }

    /// What nodes are to a class now, for whoever changes nothing.
    func traits(of askClass: AskClass) -> NodeTraits {
        var traits = views[askClass.view]
        traits.learn(table)
        return traits
    }
}
