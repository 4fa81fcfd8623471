/// Random messages, the same for the same seed. No number in them is a NaN, which equals nothing.
public struct SampleSource {
    private var state: UInt64

    public init(seed: UInt64) { state = seed }

    /// SplitMix64 (Steele, Lea and Flood, 2014).
    private mutating func bits() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }

    private mutating func below(_ limit: Int) -> Int { Int(bits() % UInt64(limit)) }

    /// A number of any size: as many are short as are long.
    private mutating func number<Value: FixedWidthInteger>(_ type: Value.Type) -> Value {
        Value(truncatingIfNeeded: Int64(bitPattern: bits()) >> Int64(below(64)))
    }

    private mutating func list<Value>(_ make: (inout Self) -> Value) -> [Value] {
        guard below(3) == 0 else { return [] }
        return (0..<below(6)).map { _ in make(&self) }
    }

    private mutating func maybe<Value>(_ make: (inout Self) -> Value) -> Value? {
        below(2) == 0 ? nil : make(&self)
    }

    private mutating func text() -> String {
        let letters = ["a", "Z", "0", " ", "\0", "é", "ß", "雲", "🛰", "\u{301}", "\u{10ffff}"]
        return (0..<below(24)).map { _ in letters[below(letters.count)] }.joined()
    }

    private mutating func bytes() -> [UInt8] {
        (0..<below(40)).map { _ in UInt8(truncatingIfNeeded: bits()) }
    }
    private mutating func real() -> Double { Double(number(Int64.self)) / 1024 }
    private mutating func mood() -> Mood { Mood(rawValue: number(Int32.self)) }

    private mutating func nested() -> Everything.Nested {
        var nested = Everything.Nested(id: number(Int32.self), name: text())
        nested.deeper = maybe { Everything.Nested.Deeper(numbers: $0.list { $0.number(Int32.self) }) }
        return nested
    }

    private mutating func tree(_ depth: Int = 4) -> Tree {
        guard depth > 0 else { return Tree(value: number(Int64.self)) }
        return Tree(
            value: number(Int64.self), left: maybe { $0.tree(depth - 1) },
            right: maybe { $0.tree(depth - 2) },
            children: list { $0.tree(depth - 2) })
    }

    private mutating func map<Key: Hashable, Value>(
        _ key: (inout Self) -> Key, _ value: (inout Self) -> Value
    ) -> [Key: Value] {
        let keys = list(key)
        return Dictionary(keys.map { ($0, value(&self)) }, uniquingKeysWith: { first, _ in first })
    }

    private mutating func choice() -> Everything.Choice {
        switch below(6) {
        case 0: .chosenInt32(number(Int32.self))
        case 1: .chosenString(text())
        case 2: .chosenNested(nested())
        case 3: .chosenTree(tree())
        case 4: .chosenMood(mood())
        default: .chosenBytes(bytes())
        }
    }

    /// A message in which any field may be set.
    public mutating func everything() -> Everything {
        var message = Everything()
        singles(&message)
        optionals(&message)
        lists(&message)
        message.texts = map({ $0.text() }, { $0.text() })
        message.byNumber = map({ $0.number(Int32.self) }, { $0.nested() })
        message.byTruth = map({ $0.below(2) == 0 }, { $0.real() })
        message.bySint64 = map({ $0.number(Int64.self) }, { $0.bytes() })
        message.byFixed32 = map({ $0.number(UInt32.self) }, { $0.mood() })
        message.trees = map({ $0.text() }, { $0.tree() })
        message.choice = maybe { $0.choice() }
        message.scattered = maybe { $0.below(2) == 0 ? .first($0.below(2) == 0) : .last($0.real()) }
        message.far = number(Int64.self)
        return message
    }

    private mutating func singles(_ message: inout Everything) {
        message.aDouble = maybe { $0.real() } ?? -0.0
        message.aFloat = Float(maybe { $0.real() } ?? 0)
        message.anInt32 = number(Int32.self)
        message.anInt64 = number(Int64.self)
        message.aUint32 = number(UInt32.self)
        message.aUint64 = number(UInt64.self)
        message.aSint32 = number(Int32.self)
        message.aSint64 = number(Int64.self)
        message.aFixed32 = number(UInt32.self)
        message.aFixed64 = number(UInt64.self)
        message.aSfixed32 = number(Int32.self)
        message.aSfixed64 = number(Int64.self)
        message.aBool = below(2) == 0
        message.aString = text()
        message.someBytes = bytes()
        message.mood = mood()
        message.tree = maybe { $0.tree() }
        message.nested = maybe { $0.nested() }
        message.elsewhere = maybe { Elsewhere(place: $0.text()) }
        message.between = number(Int32.self)
    }

    private mutating func optionals(_ message: inout Everything) {
        message.maybeInt32 = maybe { $0.number(Int32.self) }
        message.maybeDouble = maybe { $0.real() }
        message.maybeBool = maybe { $0.below(2) == 0 }
        message.maybeString = maybe { $0.text() }
        message.maybeBytes = maybe { $0.bytes() }
        message.maybeMood = maybe { $0.mood() }
        message.maybeNested = maybe { $0.nested() }
    }

    private mutating func lists(_ message: inout Everything) {
        message.doubles = list { $0.real() }
        message.floats = list { Float($0.real()) }
        message.int32s = list { $0.number(Int32.self) }
        message.int64s = list { $0.number(Int64.self) }
        message.uint32s = list { $0.number(UInt32.self) }
        message.uint64s = list { $0.number(UInt64.self) }
        message.sint32s = list { $0.number(Int32.self) }
        message.sint64s = list { $0.number(Int64.self) }
        message.fixed32s = list { $0.number(UInt32.self) }
        message.fixed64s = list { $0.number(UInt64.self) }
        message.sfixed32s = list { $0.number(Int32.self) }
        message.sfixed64s = list { $0.number(Int64.self) }
        message.bools = list { $0.below(2) == 0 }
        message.strings = list { $0.text() }
        message.blobs = list { $0.bytes() }
        message.moods = list { $0.mood() }
        message.nesteds = list { $0.nested() }
        message.looseInt32s = list { $0.number(Int32.self) }
        message.looseDoubles = list { $0.real() }
        message.looseMoods = list { $0.mood() }
    }
}
