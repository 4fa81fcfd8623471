/// Writes what is encodable straight into JSON bytes, without the tree that Foundation's encoder makes in between. Members
/// are sorted by their keys; or those of dictionaries alone, whose own order changes with each run.
struct JSONStreamEncoder: Encoder {
    /// Shared by all that encode into one text.
    final class Sink {
        struct Frame {
            /// Tells whether a container that somebody kept is still the open one.
            var serial: Int
            var isObject: Bool
            var count = 0
            /// Where members begin, of a dictionary.
            var members: [(key: String, start: Int)]?
        }

        var writer = JSONWriter()
        var frames: [Frame] = []
        /// Whether the members of all objects are sorted.
        let sortsAll: Bool
        private var serial = 0

        init(sortsAll: Bool = true) { self.sortsAll = sortsAll }

        func open(isObject: Bool, isSorted: Bool = false) -> Int {
            if isObject { writer.beginObject() } else { writer.beginArray() }
            serial += 1
            frames.append(Frame(serial: serial, isObject: isObject, members: isSorted ? [] : nil))
            return serial
        }

        /// Ends all containers within the one at `depth`.
        func close(to depth: Int) {
            while frames.count > depth {
                let frame = frames.removeLast()
                writer.completeMember()
                if let members = frame.members, members.count > 1 { writer.sort(members) }
                if frame.isObject { writer.endObject() } else { writer.endArray() }
            }
        }

        /// Makes the container at `depth` the one that is written to.
        func enter(_ depth: Int, _ serial: Int) throws {
            close(to: depth)
            guard frames.count == depth, frames[depth - 1].serial == serial else {
                throw EncodingError.invalidValue(
                    self,
                    .init(codingPath: [], debugDescription: "a container was written to after its end"))
            }
            writer.completeMember()
            frames[depth - 1].count += 1
        }

        func key(_ key: String, in depth: Int) {
            if frames[depth - 1].members != nil {
                frames[depth - 1].members?.append((key, writer.nextPosition))
            }
            writer.key(key)
        }

        func encode(_ value: some Encodable) throws {
            let (depth, before) = (frames.count, writer.bytes.count)
            try value.encode(to: JSONStreamEncoder(sink: self, depth: depth))
            close(to: depth)
            guard writer.bytes.count == before else { return }
            // A type without members encodes nothing.
            writer.beginObject()
            writer.endObject()
        }

        func number(_ value: Double) throws {
            guard value.isFinite else {
                throw EncodingError.invalidValue(
                    value, .init(codingPath: [], debugDescription: "JSON has no number for \(value)"))
            }
            writer.shortest(value)
        }
    }

    let sink: Sink
    /// How many containers are open around the value.
    let depth: Int

    var codingPath: [any CodingKey] { [] }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
        KeyedEncodingContainer(
            JSONObjectContainer<Key>(sink: sink, depth: depth + 1, serial: opened(isObject: true, type)))
    }

    func unkeyedContainer() -> any UnkeyedEncodingContainer {
        JSONArrayContainer(sink: sink, depth: depth + 1, serial: opened(isObject: false, nil))
    }

    func singleValueContainer() -> any SingleValueEncodingContainer { JSONValueContainer(sink: sink) }

    /// The value's container, opened now unless the value has asked for it before: a type may write its members in parts.
    private func opened(isObject: Bool, _ keys: (any CodingKey.Type)?) -> Int {
        if sink.frames.count > depth, sink.frames[depth].isObject == isObject {
            return sink.frames[depth].serial
        }
        sink.close(to: depth)
        let isSorted = keys.map { sink.sortsAll || ObjectIdentifier($0) == DictionaryKeys.type } ?? false
        return sink.open(isObject: isObject, isSorted: isSorted)
    }
}

/// The keys that dictionaries are encoded by, a type of the standard library that has no public name.
private enum DictionaryKeys {
    static let type: ObjectIdentifier? = {
        let probe = Probe()
        // The probe takes in what it is given and refuses nothing.
        try? ["": 0].encode(to: probe)
        return probe.keys
    }()

    private final class Probe: Encoder {
        var keys: ObjectIdentifier?
        var codingPath: [any CodingKey] { [] }
        var userInfo: [CodingUserInfoKey: Any] { [:] }

        func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
            keys = ObjectIdentifier(type)
            // Not by an encoder of ours, which would wait for the very constant that is being made.
            let sink = JSONStreamEncoder.Sink()
            return KeyedEncodingContainer(
                JSONObjectContainer<Key>(sink: sink, depth: 1, serial: sink.open(isObject: true)))
        }

        func unkeyedContainer() -> any UnkeyedEncodingContainer {
            JSONStreamEncoder(sink: .init(), depth: 0).unkeyedContainer()
        }

        func singleValueContainer() -> any SingleValueEncodingContainer {
            JSONValueContainer(sink: .init())
        }
    }
}
