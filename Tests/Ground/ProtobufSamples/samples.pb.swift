// Made by protoc-gen-apollo of samples.proto, which is what to change; scripts/protoc makes it anew.
// swift-format-ignore-file

public import Protobuf

/// Every kind of value.
public struct Everything: ProtobufMessage {
    public static var protobufName: String { "apollo.samples.Everything" }

    /// Lies in another message.
    public struct Nested: ProtobufMessage {
        public static var protobufName: String { "apollo.samples.Everything.Nested" }

        /// `apollo.samples.Everything.Nested.Deeper`.
        public struct Deeper: ProtobufMessage {
            public static var protobufName: String { "apollo.samples.Everything.Nested.Deeper" }

            public var numbers: [Int32] = []
            /// Fields that this type does not have.
            public var unknownFields = ProtobufUnknownFields()

            public init() {}

            public init(numbers: [Int32] = []) {
                self.numbers = numbers
            }

            public mutating func merge(from reader: inout ProtobufReader) throws(ProtobufError) {
                while let tag = try reader.nextTag() {
                    switch tag {
                    case 8: self.numbers.append(try reader.sint32())
                    case 10: try reader.packedSInt32(into: &self.numbers)
                    default: try reader.keep(tag, in: &unknownFields)
                    }
                }
            }

            public func write(to writer: inout ProtobufWriter) {
                writer.unknown(unknownFields)
                writer.packedSInt32(1, self.numbers)
            }
        }

        public var id: Int32 = 0
        public var name: String = ""
        public var deeper: Everything.Nested.Deeper?
        /// Fields that this type does not have.
        public var unknownFields = ProtobufUnknownFields()

        public init() {}

        public init(id: Int32 = 0, name: String = "", deeper: Everything.Nested.Deeper? = nil) {
            self.id = id
            self.name = name
            self.deeper = deeper
        }

        public mutating func merge(from reader: inout ProtobufReader) throws(ProtobufError) {
            while let tag = try reader.nextTag() {
                switch tag {
                case 8: self.id = try reader.int32()
                case 18: self.name = try reader.string()
                case 26: try reader.message(into: &self.deeper)
                default: try reader.keep(tag, in: &unknownFields)
                }
            }
        }

        public func write(to writer: inout ProtobufWriter) {
            writer.unknown(unknownFields)
            if let value = self.deeper { writer.message(3, value) }
            if !self.name.isEmpty { writer.string(2, self.name) }
            if self.id != 0 { writer.int32(1, self.id) }
        }
    }

    /// What `choice` can be.
    public enum Choice: Hashable, Sendable {
        case chosenInt32(Int32)
        /// A text.
        case chosenString(String)
        case chosenNested(Everything.Nested)
        case chosenTree(Tree)
        case chosenMood(Mood)
        case chosenBytes([UInt8])
    }

    /// What `scattered` can be.
    public enum Scattered: Hashable, Sendable {
        case first(Bool)
        case last(Double)
    }

    public var aDouble: Double = 0
    public var aFloat: Float = 0
    public var anInt32: Int32 = 0
    public var anInt64: Int64 = 0
    public var aUint32: UInt32 = 0
    public var aUint64: UInt64 = 0
    public var aSint32: Int32 = 0
    public var aSint64: Int64 = 0
    public var aFixed32: UInt32 = 0
    public var aFixed64: UInt64 = 0
    public var aSfixed32: Int32 = 0
    public var aSfixed64: Int64 = 0
    public var aBool: Bool = false
    public var aString: String = ""
    public var someBytes: [UInt8] = []
    public var mood: Mood = Mood()
    public var tree: Tree?
    public var nested: Everything.Nested?
    public var elsewhere: Elsewhere?
    public var maybeInt32: Int32?
    public var maybeDouble: Double?
    public var maybeBool: Bool?
    public var maybeString: String?
    public var maybeBytes: [UInt8]?
    public var maybeMood: Mood?
    public var maybeNested: Everything.Nested?
    public var doubles: [Double] = []
    public var floats: [Float] = []
    public var int32s: [Int32] = []
    public var int64s: [Int64] = []
    public var uint32s: [UInt32] = []
    public var uint64s: [UInt64] = []
    public var sint32s: [Int32] = []
    public var sint64s: [Int64] = []
    public var fixed32s: [UInt32] = []
    public var fixed64s: [UInt64] = []
    public var sfixed32s: [Int32] = []
    public var sfixed64s: [Int64] = []
    public var bools: [Bool] = []
    public var strings: [String] = []
    public var blobs: [[UInt8]] = []
    public var moods: [Mood] = []
    public var nesteds: [Everything.Nested] = []
    public var looseInt32s: [Int32] = []
    public var looseDoubles: [Double] = []
    public var looseMoods: [Mood] = []
    public var texts: [String: String] = [:]
    public var byNumber: [Int32: Everything.Nested] = [:]
    public var byTruth: [Bool: Double] = [:]
    public var bySint64: [Int64: [UInt8]] = [:]
    public var byFixed32: [UInt32: Mood] = [:]
    public var trees: [String: Tree] = [:]
    public var between: Int32 = 0
    public var far: Int64 = 0
    /// What it comes down to.
    public var choice: Choice?
    /// Members that are no neighbours.
    public var scattered: Scattered?
    /// Fields that this type does not have.
    public var unknownFields = ProtobufUnknownFields()

    public init() {}

    public init(
        aDouble: Double = 0, aFloat: Float = 0, anInt32: Int32 = 0, anInt64: Int64 = 0, aUint32: UInt32 = 0,
        aUint64: UInt64 = 0, aSint32: Int32 = 0, aSint64: Int64 = 0, aFixed32: UInt32 = 0,
        aFixed64: UInt64 = 0, aSfixed32: Int32 = 0, aSfixed64: Int64 = 0, aBool: Bool = false,
        aString: String = "", someBytes: [UInt8] = [], mood: Mood = Mood(), tree: Tree? = nil,
        nested: Everything.Nested? = nil, elsewhere: Elsewhere? = nil, maybeInt32: Int32? = nil,
        maybeDouble: Double? = nil, maybeBool: Bool? = nil, maybeString: String? = nil,
        maybeBytes: [UInt8]? = nil, maybeMood: Mood? = nil, maybeNested: Everything.Nested? = nil,
        doubles: [Double] = [], floats: [Float] = [], int32s: [Int32] = [], int64s: [Int64] = [],
        uint32s: [UInt32] = [], uint64s: [UInt64] = [], sint32s: [Int32] = [], sint64s: [Int64] = [],
        fixed32s: [UInt32] = [], fixed64s: [UInt64] = [], sfixed32s: [Int32] = [], sfixed64s: [Int64] = [],
        bools: [Bool] = [], strings: [String] = [], blobs: [[UInt8]] = [], moods: [Mood] = [],
        nesteds: [Everything.Nested] = [], looseInt32s: [Int32] = [], looseDoubles: [Double] = [],
        looseMoods: [Mood] = [], texts: [String: String] = [:], byNumber: [Int32: Everything.Nested] = [:],
        byTruth: [Bool: Double] = [:], bySint64: [Int64: [UInt8]] = [:], byFixed32: [UInt32: Mood] = [:],
        trees: [String: Tree] = [:], between: Int32 = 0, far: Int64 = 0, choice: Choice? = nil,
        scattered: Scattered? = nil
    ) {
        self.aDouble = aDouble
        self.aFloat = aFloat
        self.anInt32 = anInt32
        self.anInt64 = anInt64
        self.aUint32 = aUint32
        self.aUint64 = aUint64
        self.aSint32 = aSint32
        self.aSint64 = aSint64
        self.aFixed32 = aFixed32
        self.aFixed64 = aFixed64
        self.aSfixed32 = aSfixed32
        self.aSfixed64 = aSfixed64
        self.aBool = aBool
        self.aString = aString
        self.someBytes = someBytes
        self.mood = mood
        self.tree = tree
        self.nested = nested
        self.elsewhere = elsewhere
        self.maybeInt32 = maybeInt32
        self.maybeDouble = maybeDouble
        self.maybeBool = maybeBool
        self.maybeString = maybeString
        self.maybeBytes = maybeBytes
        self.maybeMood = maybeMood
        self.maybeNested = maybeNested
        self.doubles = doubles
        self.floats = floats
        self.int32s = int32s
        self.int64s = int64s
        self.uint32s = uint32s
        self.uint64s = uint64s
        self.sint32s = sint32s
        self.sint64s = sint64s
        self.fixed32s = fixed32s
        self.fixed64s = fixed64s
        self.sfixed32s = sfixed32s
        self.sfixed64s = sfixed64s
        self.bools = bools
        self.strings = strings
        self.blobs = blobs
        self.moods = moods
        self.nesteds = nesteds
        self.looseInt32s = looseInt32s
        self.looseDoubles = looseDoubles
        self.looseMoods = looseMoods
        self.texts = texts
        self.byNumber = byNumber
        self.byTruth = byTruth
        self.bySint64 = bySint64
        self.byFixed32 = byFixed32
        self.trees = trees
        self.between = between
        self.far = far
        self.choice = choice
        self.scattered = scattered
    }

    public mutating func merge(from reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 9: self.aDouble = try reader.double()
            case 21: self.aFloat = try reader.float()
            case 24: self.anInt32 = try reader.int32()
            case 32: self.anInt64 = try reader.int64()
            case 40: self.aUint32 = try reader.uint32()
            case 48: self.aUint64 = try reader.uint64()
            case 56: self.aSint32 = try reader.sint32()
            case 64: self.aSint64 = try reader.sint64()
            case 77: self.aFixed32 = try reader.fixed32()
            case 81: self.aFixed64 = try reader.fixed64()
            case 93: self.aSfixed32 = try reader.sfixed32()
            case 97: self.aSfixed64 = try reader.sfixed64()
            case 104: self.aBool = try reader.bool()
            case 114: self.aString = try reader.string()
            case 122: self.someBytes = try reader.bytes()
            case 128: self.mood = try reader.enumeration()
            case 138: try reader.message(into: &self.tree)
            case 146: try reader.message(into: &self.nested)
            case 154: try reader.message(into: &self.elsewhere)
            case 168: self.maybeInt32 = try reader.int32()
            case 177: self.maybeDouble = try reader.double()
            case 184: self.maybeBool = try reader.bool()
            case 194: self.maybeString = try reader.string()
            case 202: self.maybeBytes = try reader.bytes()
            case 208: self.maybeMood = try reader.enumeration()
            case 218: try reader.message(into: &self.maybeNested)
            case 249: self.doubles.append(try reader.double())
            case 250: try reader.packedDouble(into: &self.doubles)
            case 261: self.floats.append(try reader.float())
            case 258: try reader.packedFloat(into: &self.floats)
            case 264: self.int32s.append(try reader.int32())
            case 266: try reader.packedInt32(into: &self.int32s)
            case 272: self.int64s.append(try reader.int64())
            case 274: try reader.packedInt64(into: &self.int64s)
            case 280: self.uint32s.append(try reader.uint32())
            case 282: try reader.packedUInt32(into: &self.uint32s)
            case 288: self.uint64s.append(try reader.uint64())
            case 290: try reader.packedUInt64(into: &self.uint64s)
            case 296: self.sint32s.append(try reader.sint32())
            case 298: try reader.packedSInt32(into: &self.sint32s)
            case 304: self.sint64s.append(try reader.sint64())
            case 306: try reader.packedSInt64(into: &self.sint64s)
            case 317: self.fixed32s.append(try reader.fixed32())
            case 314: try reader.packedFixed32(into: &self.fixed32s)
            case 321: self.fixed64s.append(try reader.fixed64())
            case 322: try reader.packedFixed64(into: &self.fixed64s)
            case 333: self.sfixed32s.append(try reader.sfixed32())
            case 330: try reader.packedSFixed32(into: &self.sfixed32s)
            case 337: self.sfixed64s.append(try reader.sfixed64())
            case 338: try reader.packedSFixed64(into: &self.sfixed64s)
            case 344: self.bools.append(try reader.bool())
            case 346: try reader.packedBool(into: &self.bools)
            case 354: self.strings.append(try reader.string())
            case 362: self.blobs.append(try reader.bytes())
            case 368: self.moods.append(try reader.enumeration())
            case 370: try reader.packedEnumeration(into: &self.moods)
            case 378: try reader.message(appendingTo: &self.nesteds)
            case 384: self.looseInt32s.append(try reader.int32())
            case 386: try reader.packedInt32(into: &self.looseInt32s)
            case 393: self.looseDoubles.append(try reader.double())
            case 394: try reader.packedDouble(into: &self.looseDoubles)
            case 400: self.looseMoods.append(try reader.enumeration())
            case 402: try reader.packedEnumeration(into: &self.looseMoods)
            case 490:
                let enclosure = try reader.enter()
                var (key, value): (String, String) = ("", "")
                while let tag = try reader.nextTag() {
                    switch tag {
                    case 10: key = try reader.string()
                    case 18: value = try reader.string()
                    default: try reader.skip(tag)
                    }
                }
                reader.leave(enclosure)
                self.texts[key] = value
            case 498:
                let enclosure = try reader.enter()
                var (key, value): (Int32, Everything.Nested) = (0, Everything.Nested())
                while let tag = try reader.nextTag() {
                    switch tag {
                    case 8: key = try reader.int32()
                    case 18: try reader.message(into: &value)
                    default: try reader.skip(tag)
                    }
                }
                reader.leave(enclosure)
                self.byNumber[key] = value
            case 506:
                let enclosure = try reader.enter()
                var (key, value): (Bool, Double) = (false, 0)
                while let tag = try reader.nextTag() {
                    switch tag {
                    case 8: key = try reader.bool()
                    case 17: value = try reader.double()
                    default: try reader.skip(tag)
                    }
                }
                reader.leave(enclosure)
                self.byTruth[key] = value
            case 514:
                let enclosure = try reader.enter()
                var (key, value): (Int64, [UInt8]) = (0, [])
                while let tag = try reader.nextTag() {
                    switch tag {
                    case 8: key = try reader.sint64()
                    case 18: value = try reader.bytes()
                    default: try reader.skip(tag)
                    }
                }
                reader.leave(enclosure)
                self.bySint64[key] = value
            case 522:
                let enclosure = try reader.enter()
                var (key, value): (UInt32, Mood) = (0, Mood())
                while let tag = try reader.nextTag() {
                    switch tag {
                    case 13: key = try reader.fixed32()
                    case 16: value = try reader.enumeration()
                    default: try reader.skip(tag)
                    }
                }
                reader.leave(enclosure)
                self.byFixed32[key] = value
            case 530:
                let enclosure = try reader.enter()
                var (key, value): (String, Tree) = ("", Tree())
                while let tag = try reader.nextTag() {
                    switch tag {
                    case 10: key = try reader.string()
                    case 18: try reader.message(into: &value)
                    default: try reader.skip(tag)
                    }
                }
                reader.leave(enclosure)
                self.trees[key] = value
            case 568: self.choice = .chosenInt32(try reader.int32())
            case 578: self.choice = .chosenString(try reader.string())
            case 586:
                var value = Everything.Nested()
                if case .chosenNested(let current)? = self.choice { value = current }
                try reader.message(into: &value)
                self.choice = .chosenNested(value)
            case 594:
                var value = Tree()
                if case .chosenTree(let current)? = self.choice { value = current }
                try reader.message(into: &value)
                self.choice = .chosenTree(value)
            case 600: self.choice = .chosenMood(try reader.enumeration())
            case 610: self.choice = .chosenBytes(try reader.bytes())
            case 640: self.scattered = .first(try reader.bool())
            case 721: self.scattered = .last(try reader.double())
            case 680: self.between = try reader.int32()
            case 4294967288: self.far = try reader.int64()
            default: try reader.keep(tag, in: &unknownFields)
            }
        }
    }

    public func write(to writer: inout ProtobufWriter) {
        writer.unknown(unknownFields)
        if self.far != 0 { writer.int64(536870911, self.far) }
        if case .last(let value)? = self.scattered {
            writer.double(90, value)
        }
        if self.between != 0 { writer.int32(85, self.between) }
        if case .first(let value)? = self.scattered {
            writer.bool(80, value)
        }
        switch self.choice {
        case .chosenInt32(let value)?: writer.int32(71, value)
        case .chosenString(let value)?: writer.string(72, value)
        case .chosenNested(let value)?: writer.message(73, value)
        case .chosenTree(let value)?: writer.message(74, value)
        case .chosenMood(let value)?: writer.enumeration(75, value)
        case .chosenBytes(let value)?: writer.bytes(76, value)
        case nil: break
        }
        writer.map(66, self.trees) {
            $0.message(2, $2)
            $0.string(1, $1)
        }
        writer.map(65, self.byFixed32) {
            $0.enumeration(2, $2)
            $0.fixed32(1, $1)
        }
        writer.map(64, self.bySint64) {
            $0.bytes(2, $2)
            $0.sint64(1, $1)
        }
        writer.map(63, self.byTruth) {
            $0.double(2, $2)
            $0.bool(1, $1)
        }
        writer.map(62, self.byNumber) {
            $0.message(2, $2)
            $0.int32(1, $1)
        }
        writer.map(61, self.texts) {
            $0.string(2, $2)
            $0.string(1, $1)
        }
        for value in self.looseMoods.reversed() { writer.enumeration(50, value) }
        for value in self.looseDoubles.reversed() { writer.double(49, value) }
        for value in self.looseInt32s.reversed() { writer.int32(48, value) }
        writer.messages(47, self.nesteds)
        writer.packedEnumeration(46, self.moods)
        for value in self.blobs.reversed() { writer.bytes(45, value) }
        for value in self.strings.reversed() { writer.string(44, value) }
        writer.packedBool(43, self.bools)
        writer.packedSFixed64(42, self.sfixed64s)
        writer.packedSFixed32(41, self.sfixed32s)
        writer.packedFixed64(40, self.fixed64s)
        writer.packedFixed32(39, self.fixed32s)
        writer.packedSInt64(38, self.sint64s)
        writer.packedSInt32(37, self.sint32s)
        writer.packedUInt64(36, self.uint64s)
        writer.packedUInt32(35, self.uint32s)
        writer.packedInt64(34, self.int64s)
        writer.packedInt32(33, self.int32s)
        writer.packedFloat(32, self.floats)
        writer.packedDouble(31, self.doubles)
        if let value = self.maybeNested { writer.message(27, value) }
        if let value = self.maybeMood { writer.enumeration(26, value) }
        if let value = self.maybeBytes { writer.bytes(25, value) }
        if let value = self.maybeString { writer.string(24, value) }
        if let value = self.maybeBool { writer.bool(23, value) }
        if let value = self.maybeDouble { writer.double(22, value) }
        if let value = self.maybeInt32 { writer.int32(21, value) }
        if let value = self.elsewhere { writer.message(19, value) }
        if let value = self.nested { writer.message(18, value) }
        if let value = self.tree { writer.message(17, value) }
        if self.mood.rawValue != 0 { writer.enumeration(16, self.mood) }
        if !self.someBytes.isEmpty { writer.bytes(15, self.someBytes) }
        if !self.aString.isEmpty { writer.string(14, self.aString) }
        if self.aBool { writer.bool(13, self.aBool) }
        if self.aSfixed64 != 0 { writer.sfixed64(12, self.aSfixed64) }
        if self.aSfixed32 != 0 { writer.sfixed32(11, self.aSfixed32) }
        if self.aFixed64 != 0 { writer.fixed64(10, self.aFixed64) }
        if self.aFixed32 != 0 { writer.fixed32(9, self.aFixed32) }
        if self.aSint64 != 0 { writer.sint64(8, self.aSint64) }
        if self.aSint32 != 0 { writer.sint32(7, self.aSint32) }
        if self.aUint64 != 0 { writer.uint64(6, self.aUint64) }
        if self.aUint32 != 0 { writer.uint32(5, self.aUint32) }
        if self.anInt64 != 0 { writer.int64(4, self.anInt64) }
        if self.anInt32 != 0 { writer.int32(3, self.anInt32) }
        if self.aFloat.bitPattern != 0 { writer.float(2, self.aFloat) }
        if self.aDouble.bitPattern != 0 { writer.double(1, self.aDouble) }
    }
}

/// Contains itself.
public struct Tree: ProtobufMessage {
    public static var protobufName: String { "apollo.samples.Tree" }

    public var value: Int64 = 0
    public var left: Tree? {
        get { leftBox?.value }
        set { leftBox = newValue.map { ProtobufBox($0) } }
    }
    private var leftBox: ProtobufBox<Tree>?
    public var right: Tree? {
        get { rightBox?.value }
        set { rightBox = newValue.map { ProtobufBox($0) } }
    }
    private var rightBox: ProtobufBox<Tree>?
    public var children: [Tree] = []
    /// Fields that this type does not have.
    public var unknownFields = ProtobufUnknownFields()

    public init() {}

    public init(value: Int64 = 0, left: Tree? = nil, right: Tree? = nil, children: [Tree] = []) {
        self.value = value
        self.left = left
        self.right = right
        self.children = children
    }

    public mutating func merge(from reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 8: self.value = try reader.int64()
            case 18: try reader.message(into: &self.leftBox)
            case 26: try reader.message(into: &self.rightBox)
            case 34: try reader.message(appendingTo: &self.children)
            default: try reader.keep(tag, in: &unknownFields)
            }
        }
    }

    public func write(to writer: inout ProtobufWriter) {
        writer.unknown(unknownFields)
        writer.messages(4, self.children)
        if let value = self.rightBox?.value { writer.message(3, value) }
        if let value = self.leftBox?.value { writer.message(2, value) }
        if self.value != 0 { writer.int64(1, self.value) }
    }
}

/// The same field numbers as Everything, and knows none of them.
public struct Nothing: ProtobufMessage {
    public static var protobufName: String { "apollo.samples.Nothing" }

    /// Fields that this type does not have.
    public var unknownFields = ProtobufUnknownFields()

    public init() {}

    public mutating func merge(from reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            default: try reader.keep(tag, in: &unknownFields)
            }
        }
    }

    public func write(to writer: inout ProtobufWriter) {
        writer.unknown(unknownFields)
    }
}

/// Older than Everything: knows some of its fields.
public struct Something: ProtobufMessage {
    public static var protobufName: String { "apollo.samples.Something" }

    public var aString: String = ""
    public var int32s: [Int32] = []
    /// Fields that this type does not have.
    public var unknownFields = ProtobufUnknownFields()

    public init() {}

    public init(aString: String = "", int32s: [Int32] = []) {
        self.aString = aString
        self.int32s = int32s
    }

    public mutating func merge(from reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 114: self.aString = try reader.string()
            case 264: self.int32s.append(try reader.int32())
            case 266: try reader.packedInt32(into: &self.int32s)
            default: try reader.keep(tag, in: &unknownFields)
            }
        }
    }

    public func write(to writer: inout ProtobufWriter) {
        writer.unknown(unknownFields)
        writer.packedInt32(33, self.int32s)
        if !self.aString.isEmpty { writer.string(14, self.aString) }
    }
}

/// Names that need care.
public struct Awkward: ProtobufMessage {
    public static var protobufName: String { "apollo.samples.Awkward" }

    /// `apollo.samples.Awkward.Type`.
    public struct Type_: ProtobufEnumeration {
        public static let unspecified = Type_(rawValue: 0)
        public static let `default` = Type_(rawValue: 1)
        public static let standard = Type_(rawValue: 1)
        public static let init_ = Type_(rawValue: 2)

        public let rawValue: Int32

        public init(rawValue: Int32) { self.rawValue = rawValue }

        public static let protobufNames: [Int32: String] = [
            0: "TYPE_UNSPECIFIED",
            1: "TYPE_DEFAULT",
            2: "TYPE_INIT",
        ]
    }

    /// `apollo.samples.Awkward.String`.
    public struct String_: ProtobufMessage {
        public static var protobufName: String { "apollo.samples.Awkward.String" }

        public var value: String = ""
        /// Fields that this type does not have.
        public var unknownFields = ProtobufUnknownFields()

        public init() {}

        public init(value: String = "") {
            self.value = value
        }

        public mutating func merge(from reader: inout ProtobufReader) throws(ProtobufError) {
            while let tag = try reader.nextTag() {
                switch tag {
                case 10: self.value = try reader.string()
                default: try reader.keep(tag, in: &unknownFields)
                }
            }
        }

        public func write(to writer: inout ProtobufWriter) {
            writer.unknown(unknownFields)
            if !self.value.isEmpty { writer.string(1, self.value) }
        }
    }

    /// `apollo.samples.Awkward.Tree`.
    public struct Tree: ProtobufMessage {
        public static var protobufName: String { "apollo.samples.Awkward.Tree" }

        public var rings: Int32 = 0
        /// Fields that this type does not have.
        public var unknownFields = ProtobufUnknownFields()

        public init() {}

        public init(rings: Int32 = 0) {
            self.rings = rings
        }

        public mutating func merge(from reader: inout ProtobufReader) throws(ProtobufError) {
            while let tag = try reader.nextTag() {
                switch tag {
                case 8: self.rings = try reader.int32()
                default: try reader.keep(tag, in: &unknownFields)
                }
            }
        }

        public func write(to writer: inout ProtobufWriter) {
            writer.unknown(unknownFields)
            if self.rings != 0 { writer.int32(1, self.rings) }
        }
    }

    /// What `in` can be.
    public enum In: Hashable, Sendable {
        case `is`(Bool)
        case `let`(String)
        case init_(Awkward.String_)
    }

    public var type: Awkward.Type_ = Awkward.Type_()
    public var string: Awkward.String_?
    public var `default`: Bool = false
    public var nodeID: Int32 = 0
    public var baseURL: String = ""
    public var self_: [Int32] = []
    public var unknownFields_: String = ""
    public var hashValue_: [UInt8] = []
    public var `func`: Bool = false
    public var leading: String = ""
    public var with2Digits: String = ""
    public var reader: Int32 = 0
    public var tag: Int32 = 0
    public var value: Int32 = 0
    public var writer: Int32 = 0
    public var key: Int32 = 0
    public var merge_: [String: Int32] = [:]
    public var httpPort: Bool = false
    /// Deprecated.
    public var old: String = ""
    /// A type of the package's by the name of one in here: which is meant is kept apart.
    public var outerTree: ProtobufSamples.Tree?
    public var innerTree: Awkward.Tree?
    public var `in`: In?
    /// Fields that this type does not have.
    public var unknownFields = ProtobufUnknownFields()

    public init() {}

    public init(
        type: Awkward.Type_ = Awkward.Type_(), string: Awkward.String_? = nil, `default`: Bool = false,
        nodeID: Int32 = 0, baseURL: String = "", self_: [Int32] = [], unknownFields_: String = "",
        hashValue_: [UInt8] = [], `func`: Bool = false, leading: String = "", with2Digits: String = "",
        reader: Int32 = 0, tag: Int32 = 0, value: Int32 = 0, writer: Int32 = 0, key: Int32 = 0,
        merge_: [String: Int32] = [:], httpPort: Bool = false, old: String = "",
        outerTree: ProtobufSamples.Tree? = nil, innerTree: Awkward.Tree? = nil, `in`: In? = nil
    ) {
        self.type = type
        self.string = string
        self.default = `default`
        self.nodeID = nodeID
        self.baseURL = baseURL
        self.self_ = self_
        self.unknownFields_ = unknownFields_
        self.hashValue_ = hashValue_
        self.func = `func`
        self.leading = leading
        self.with2Digits = with2Digits
        self.reader = reader
        self.tag = tag
        self.value = value
        self.writer = writer
        self.key = key
        self.merge_ = merge_
        self.httpPort = httpPort
        self.old = old
        self.outerTree = outerTree
        self.innerTree = innerTree
        self.in = `in`
    }

    public mutating func merge(from reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 8: self.type = try reader.enumeration()
            case 18: try reader.message(into: &self.string)
            case 24: self.default = try reader.bool()
            case 32: self.nodeID = try reader.int32()
            case 42: self.baseURL = try reader.string()
            case 48: self.self_.append(try reader.int32())
            case 50: try reader.packedInt32(into: &self.self_)
            case 58: self.unknownFields_ = try reader.string()
            case 66: self.hashValue_ = try reader.bytes()
            case 72: self.func = try reader.bool()
            case 82: self.leading = try reader.string()
            case 90: self.with2Digits = try reader.string()
            case 96: self.reader = try reader.int32()
            case 104: self.tag = try reader.int32()
            case 112: self.value = try reader.int32()
            case 120: self.writer = try reader.int32()
            case 128: self.key = try reader.int32()
            case 138:
                let enclosure = try reader.enter()
                var (key, value): (String, Int32) = ("", 0)
                while let tag = try reader.nextTag() {
                    switch tag {
                    case 10: key = try reader.string()
                    case 16: value = try reader.int32()
                    default: try reader.skip(tag)
                    }
                }
                reader.leave(enclosure)
                self.merge_[key] = value
            case 144: self.httpPort = try reader.bool()
            case 154: self.old = try reader.string()
            case 160: self.in = .is(try reader.bool())
            case 170: self.in = .let(try reader.string())
            case 178:
                var value = Awkward.String_()
                if case .init_(let current)? = self.in { value = current }
                try reader.message(into: &value)
                self.in = .init_(value)
            case 186: try reader.message(into: &self.outerTree)
            case 194: try reader.message(into: &self.innerTree)
            default: try reader.keep(tag, in: &unknownFields)
            }
        }
    }

    public func write(to writer: inout ProtobufWriter) {
        writer.unknown(unknownFields)
        if let value = self.innerTree { writer.message(24, value) }
        if let value = self.outerTree { writer.message(23, value) }
        switch self.in {
        case .is(let value)?: writer.bool(20, value)
        case .let(let value)?: writer.string(21, value)
        case .init_(let value)?: writer.message(22, value)
        case nil: break
        }
        if !self.old.isEmpty { writer.string(19, self.old) }
        if self.httpPort { writer.bool(18, self.httpPort) }
        writer.map(17, self.merge_) {
            $0.int32(2, $2)
            $0.string(1, $1)
        }
        if self.key != 0 { writer.int32(16, self.key) }
        if self.writer != 0 { writer.int32(15, self.writer) }
        if self.value != 0 { writer.int32(14, self.value) }
        if self.tag != 0 { writer.int32(13, self.tag) }
        if self.reader != 0 { writer.int32(12, self.reader) }
        if !self.with2Digits.isEmpty { writer.string(11, self.with2Digits) }
        if !self.leading.isEmpty { writer.string(10, self.leading) }
        if self.func { writer.bool(9, self.func) }
        if !self.hashValue_.isEmpty { writer.bytes(8, self.hashValue_) }
        if !self.unknownFields_.isEmpty { writer.string(7, self.unknownFields_) }
        writer.packedInt32(6, self.self_)
        if !self.baseURL.isEmpty { writer.string(5, self.baseURL) }
        if self.nodeID != 0 { writer.int32(4, self.nodeID) }
        if self.default { writer.bool(3, self.default) }
        if let value = self.string { writer.message(2, value) }
        if self.type.rawValue != 0 { writer.enumeration(1, self.type) }
    }
}

/// An open enumeration; negative numbers are written in ten bytes.
public struct Mood: ProtobufEnumeration {
    public static let unspecified = Mood(rawValue: 0)
    /// Rather.
    public static let glad = Mood(rawValue: 1)
    public static let sad = Mood(rawValue: 2)
    public static let below = Mood(rawValue: -1)
    public static let mood2nd = Mood(rawValue: 7)

    public let rawValue: Int32

    public init(rawValue: Int32) { self.rawValue = rawValue }

    public static let protobufNames: [Int32: String] = [
        0: "MOOD_UNSPECIFIED",
        1: "MOOD_GLAD",
        2: "MOOD_SAD",
        -1: "MOOD_BELOW",
        7: "MOOD_2ND",
    ]
}

extension ProtobufFile {
    /// `samples.proto`.
    public static let samples = ProtobufFile(
        name: "samples.proto",
        dependencies: ["other.proto"],
        symbols: [
            "apollo.samples.Awkward",
            "apollo.samples.Awkward.String",
            "apollo.samples.Awkward.Tree",
            "apollo.samples.Awkward.Type",
            "apollo.samples.Everything",
            "apollo.samples.Everything.Nested",
            "apollo.samples.Everything.Nested.Deeper",
            "apollo.samples.Mood",
            "apollo.samples.Nothing",
            "apollo.samples.Something",
            "apollo.samples.Tree",
        ],
        descriptor: """
            Cg1zYW1wbGVzLnByb3RvEg5hcG9sbG8uc2FtcGxlcxoLb3RoZXIucHJvdG8iqxgKCkV2ZXJ5dGhpbmcSGQoIYV9kb3VibGUY
            ASABKAFSB2FEb3VibGUSFwoHYV9mbG9hdBgCIAEoAlIGYUZsb2F0EhkKCGFuX2ludDMyGAMgASgFUgdhbkludDMyEhkKCGFu
            X2ludDY0GAQgASgDUgdhbkludDY0EhkKCGFfdWludDMyGAUgASgNUgdhVWludDMyEhkKCGFfdWludDY0GAYgASgEUgdhVWlu
            dDY0EhkKCGFfc2ludDMyGAcgASgRUgdhU2ludDMyEhkKCGFfc2ludDY0GAggASgSUgdhU2ludDY0EhsKCWFfZml4ZWQzMhgJ
            IAEoB1IIYUZpeGVkMzISGwoJYV9maXhlZDY0GAogASgGUghhRml4ZWQ2NBIdCgphX3NmaXhlZDMyGAsgASgPUglhU2ZpeGVk
            MzISHQoKYV9zZml4ZWQ2NBgMIAEoEFIJYVNmaXhlZDY0EhUKBmFfYm9vbBgNIAEoCFIFYUJvb2wSGQoIYV9zdHJpbmcYDiAB
            KAlSB2FTdHJpbmcSHQoKc29tZV9ieXRlcxgPIAEoDFIJc29tZUJ5dGVzEigKBG1vb2QYECABKA4yFC5hcG9sbG8uc2FtcGxl
            cy5Nb29kUgRtb29kEigKBHRyZWUYESABKAsyFC5hcG9sbG8uc2FtcGxlcy5UcmVlUgR0cmVlEjkKBm5lc3RlZBgSIAEoCzIh
            LmFwb2xsby5zYW1wbGVzLkV2ZXJ5dGhpbmcuTmVzdGVkUgZuZXN0ZWQSPQoJZWxzZXdoZXJlGBMgASgLMh8uYXBvbGxvLnNh
            bXBsZXMub3RoZXIuRWxzZXdoZXJlUgllbHNld2hlcmUSJAoLbWF5YmVfaW50MzIYFSABKAVIAogBAVIKbWF5YmVJbnQzMhIm
            CgxtYXliZV9kb3VibGUYFiABKAFIA4gBAVILbWF5YmVEb3VibGUSIgoKbWF5YmVfYm9vbBgXIAEoCEgEiAEBUgltYXliZUJv
            b2wSJgoMbWF5YmVfc3RyaW5nGBggASgJSAWIAQFSC21heWJlU3RyaW5nEiQKC21heWJlX2J5dGVzGBkgASgMSAaIAQFSCm1h
            eWJlQnl0ZXMSOAoKbWF5YmVfbW9vZBgaIAEoDjIULmFwb2xsby5zYW1wbGVzLk1vb2RIB4gBAVIJbWF5YmVNb29kEkkKDG1h
            eWJlX25lc3RlZBgbIAEoCzIhLmFwb2xsby5zYW1wbGVzLkV2ZXJ5dGhpbmcuTmVzdGVkSAiIAQFSC21heWJlTmVzdGVkEhgK
            B2RvdWJsZXMYHyADKAFSB2RvdWJsZXMSFgoGZmxvYXRzGCAgAygCUgZmbG9hdHMSFgoGaW50MzJzGCEgAygFUgZpbnQzMnMS
            FgoGaW50NjRzGCIgAygDUgZpbnQ2NHMSGAoHdWludDMycxgjIAMoDVIHdWludDMycxIYCgd1aW50NjRzGCQgAygEUgd1aW50
            NjRzEhgKB3NpbnQzMnMYJSADKBFSB3NpbnQzMnMSGAoHc2ludDY0cxgmIAMoElIHc2ludDY0cxIaCghmaXhlZDMycxgnIAMo
            B1IIZml4ZWQzMnMSGgoIZml4ZWQ2NHMYKCADKAZSCGZpeGVkNjRzEhwKCXNmaXhlZDMycxgpIAMoD1IJc2ZpeGVkMzJzEhwK
            CXNmaXhlZDY0cxgqIAMoEFIJc2ZpeGVkNjRzEhQKBWJvb2xzGCsgAygIUgVib29scxIYCgdzdHJpbmdzGCwgAygJUgdzdHJp
            bmdzEhQKBWJsb2JzGC0gAygMUgVibG9icxIqCgVtb29kcxguIAMoDjIULmFwb2xsby5zYW1wbGVzLk1vb2RSBW1vb2RzEjsK
            B25lc3RlZHMYLyADKAsyIS5hcG9sbG8uc2FtcGxlcy5FdmVyeXRoaW5nLk5lc3RlZFIHbmVzdGVkcxIlCgxsb29zZV9pbnQz
            MnMYMCADKAVCAhAAUgtsb29zZUludDMycxInCg1sb29zZV9kb3VibGVzGDEgAygBQgIQAFIMbG9vc2VEb3VibGVzEjkKC2xv
            b3NlX21vb2RzGDIgAygOMhQuYXBvbGxvLnNhbXBsZXMuTW9vZEICEABSCmxvb3NlTW9vZHMSOwoFdGV4dHMYPSADKAsyJS5h
            cG9sbG8uc2FtcGxlcy5FdmVyeXRoaW5nLlRleHRzRW50cnlSBXRleHRzEkUKCWJ5X251bWJlchg+IAMoCzIoLmFwb2xsby5z
            YW1wbGVzLkV2ZXJ5dGhpbmcuQnlOdW1iZXJFbnRyeVIIYnlOdW1iZXISQgoIYnlfdHJ1dGgYPyADKAsyJy5hcG9sbG8uc2Ft
            cGxlcy5FdmVyeXRoaW5nLkJ5VHJ1dGhFbnRyeVIHYnlUcnV0aBJFCglieV9zaW50NjQYQCADKAsyKC5hcG9sbG8uc2FtcGxl
            cy5FdmVyeXRoaW5nLkJ5U2ludDY0RW50cnlSCGJ5U2ludDY0EkgKCmJ5X2ZpeGVkMzIYQSADKAsyKS5hcG9sbG8uc2FtcGxl
            cy5FdmVyeXRoaW5nLkJ5Rml4ZWQzMkVudHJ5UglieUZpeGVkMzISOwoFdHJlZXMYQiADKAsyJS5hcG9sbG8uc2FtcGxlcy5F
            dmVyeXRoaW5nLlRyZWVzRW50cnlSBXRyZWVzEiMKDGNob3Nlbl9pbnQzMhhHIAEoBUgAUgtjaG9zZW5JbnQzMhIlCg1jaG9z
            ZW5fc3RyaW5nGEggASgJSABSDGNob3NlblN0cmluZxJICg1jaG9zZW5fbmVzdGVkGEkgASgLMiEuYXBvbGxvLnNhbXBsZXMu
            RXZlcnl0aGluZy5OZXN0ZWRIAFIMY2hvc2VuTmVzdGVkEjcKC2Nob3Nlbl90cmVlGEogASgLMhQuYXBvbGxvLnNhbXBsZXMu
            VHJlZUgAUgpjaG9zZW5UcmVlEjcKC2Nob3Nlbl9tb29kGEsgASgOMhQuYXBvbGxvLnNhbXBsZXMuTW9vZEgAUgpjaG9zZW5N
            b29kEiMKDGNob3Nlbl9ieXRlcxhMIAEoDEgAUgtjaG9zZW5CeXRlcxIWCgVmaXJzdBhQIAEoCEgBUgVmaXJzdBIUCgRsYXN0
            GFogASgBSAFSBGxhc3QSGAoHYmV0d2VlbhhVIAEoBVIHYmV0d2VlbhIUCgNmYXIY/////wEgASgDUgNmYXIaOAoKVGV4dHNF
            bnRyeRIQCgNrZXkYASABKAlSA2tleRIUCgV2YWx1ZRgCIAEoCVIFdmFsdWU6AjgBGl4KDUJ5TnVtYmVyRW50cnkSEAoDa2V5
            GAEgASgFUgNrZXkSNwoFdmFsdWUYAiABKAsyIS5hcG9sbG8uc2FtcGxlcy5FdmVyeXRoaW5nLk5lc3RlZFIFdmFsdWU6AjgB
            GjoKDEJ5VHJ1dGhFbnRyeRIQCgNrZXkYASABKAhSA2tleRIUCgV2YWx1ZRgCIAEoAVIFdmFsdWU6AjgBGjsKDUJ5U2ludDY0
            RW50cnkSEAoDa2V5GAEgASgSUgNrZXkSFAoFdmFsdWUYAiABKAxSBXZhbHVlOgI4ARpSCg5CeUZpeGVkMzJFbnRyeRIQCgNr
            ZXkYASABKAdSA2tleRIqCgV2YWx1ZRgCIAEoDjIULmFwb2xsby5zYW1wbGVzLk1vb2RSBXZhbHVlOgI4ARpOCgpUcmVlc0Vu
            dHJ5EhAKA2tleRgBIAEoCVIDa2V5EioKBXZhbHVlGAIgASgLMhQuYXBvbGxvLnNhbXBsZXMuVHJlZVIFdmFsdWU6AjgBGpIB
            CgZOZXN0ZWQSDgoCaWQYASABKAVSAmlkEhIKBG5hbWUYAiABKAlSBG5hbWUSQAoGZGVlcGVyGAMgASgLMiguYXBvbGxvLnNh
            bXBsZXMuRXZlcnl0aGluZy5OZXN0ZWQuRGVlcGVyUgZkZWVwZXIaIgoGRGVlcGVyEhgKB251bWJlcnMYASADKBFSB251bWJl
            cnNCCAoGY2hvaWNlQgsKCXNjYXR0ZXJlZEIOCgxfbWF5YmVfaW50MzJCDwoNX21heWJlX2RvdWJsZUINCgtfbWF5YmVfYm9v
            bEIPCg1fbWF5YmVfc3RyaW5nQg4KDF9tYXliZV9ieXRlc0INCgtfbWF5YmVfbW9vZEIPCg1fbWF5YmVfbmVzdGVkIqQBCgRU
            cmVlEhQKBXZhbHVlGAEgASgDUgV2YWx1ZRIoCgRsZWZ0GAIgASgLMhQuYXBvbGxvLnNhbXBsZXMuVHJlZVIEbGVmdBIqCgVy
            aWdodBgDIAEoCzIULmFwb2xsby5zYW1wbGVzLlRyZWVSBXJpZ2h0EjAKCGNoaWxkcmVuGAQgAygLMhQuYXBvbGxvLnNhbXBs
            ZXMuVHJlZVIIY2hpbGRyZW4iCQoHTm90aGluZyI+CglTb21ldGhpbmcSGQoIYV9zdHJpbmcYDiABKAlSB2FTdHJpbmcSFgoG
            aW50MzJzGCEgAygFUgZpbnQzMnMi5QcKB0F3a3dhcmQSMAoEdHlwZRgBIAEoDjIcLmFwb2xsby5zYW1wbGVzLkF3a3dhcmQu
            VHlwZVIEdHlwZRI2CgZzdHJpbmcYAiABKAsyHi5hcG9sbG8uc2FtcGxlcy5Bd2t3YXJkLlN0cmluZ1IGc3RyaW5nEhgKB2Rl
            ZmF1bHQYAyABKAhSB2RlZmF1bHQSFwoHbm9kZV9pZBgEIAEoBVIGbm9kZUlkEhkKCGJhc2VfdXJsGAUgASgJUgdiYXNlVXJs
            EhIKBHNlbGYYBiADKAVSBHNlbGYSJQoOdW5rbm93bl9maWVsZHMYByABKAlSDXVua25vd25GaWVsZHMSHQoKaGFzaF92YWx1
            ZRgIIAEoDFIJaGFzaFZhbHVlEhIKBGZ1bmMYCSABKAhSBGZ1bmMSGQoIX2xlYWRpbmcYCiABKAlSB0xlYWRpbmcSIgoNd2l0
            aF8yX2RpZ2l0cxgLIAEoCVILd2l0aDJEaWdpdHMSFgoGcmVhZGVyGAwgASgFUgZyZWFkZXISEAoDdGFnGA0gASgFUgN0YWcS
            FAoFdmFsdWUYDiABKAVSBXZhbHVlEhYKBndyaXRlchgPIAEoBVIGd3JpdGVyEhAKA2tleRgQIAEoBVIDa2V5EjgKBW1lcmdl
            GBEgAygLMiIuYXBvbGxvLnNhbXBsZXMuQXdrd2FyZC5NZXJnZUVudHJ5UgVtZXJnZRIbCglIVFRQX3BvcnQYEiABKAhSCEhU
            VFBQb3J0EhQKA29sZBgTIAEoCUICGAFSA29sZBIQCgJpcxgUIAEoCEgAUgJpcxISCgNsZXQYFSABKAlIAFIDbGV0EjQKBGlu
            aXQYFiABKAsyHi5hcG9sbG8uc2FtcGxlcy5Bd2t3YXJkLlN0cmluZ0gAUgRpbml0EjMKCm91dGVyX3RyZWUYFyABKAsyFC5h
            cG9sbG8uc2FtcGxlcy5UcmVlUglvdXRlclRyZWUSOwoKaW5uZXJfdHJlZRgYIAEoCzIcLmFwb2xsby5zYW1wbGVzLkF3a3dh
            cmQuVHJlZVIJaW5uZXJUcmVlGh4KBlN0cmluZxIUCgV2YWx1ZRgBIAEoCVIFdmFsdWUaOAoKTWVyZ2VFbnRyeRIQCgNrZXkY
            ASABKAlSA2tleRIUCgV2YWx1ZRgCIAEoBVIFdmFsdWU6AjgBGhwKBFRyZWUSFAoFcmluZ3MYASABKAVSBXJpbmdzIlIKBFR5
            cGUSEgoQVFlQRV9VTlNQRUNJRklFRBIQCgxUWVBFX0RFRkFVTFQQARIRCg1UWVBFX1NUQU5EQVJEEAESDQoJVFlQRV9JTklU
            EAIaAhABQgQKAmluKl4KBE1vb2QSEgoQTU9PRF9VTlNQRUNJRklFRBINCglNT09EX0dMQUQQARIMCghNT09EX1NBRBACEhcK
            Ck1PT0RfQkVMT1cQ////////////ARIMCghNT09EXzJORBAHYgZwcm90bzM
            """)
}
