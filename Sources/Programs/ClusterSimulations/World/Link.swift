import Simulation

/// The way between the manager and a machine. Each direction may be cut by itself.
struct Link {
    enum Direction: Int { case up, down }

    /// Whether nothing arrives at the manager, and at the machine.
    private var isCutUp = false
    private var isCutDown = false
    /// How much longer everything takes.
    var slowness: Int64 = 1
    /// The share of messages that come twice, and of calls that are lost.
    var duplication = 0.0
    var loss = 0.0

    /// Whether nothing is amiss with it.
    var isQuiet: Bool { !isCutUp && !isCutDown && slowness == 1 && duplication == 0 && loss == 0 }

    func carries(_ direction: Direction) -> Bool { direction == .up ? !isCutUp : !isCutDown }

    mutating func set(_ direction: Direction, cut: Bool) {
        if direction == .up { isCutUp = cut } else { isCutDown = cut }
    }

    /// How long a message is under way: mostly a fraction of a millisecond, now and then a good while.
    func delay(_ random: inout SplitMix64) -> Int64 {
        let base = random.chance(0.95) ? random.number(100...2000) : random.number(2000...300_000)
        return base * slowness
    }
}
