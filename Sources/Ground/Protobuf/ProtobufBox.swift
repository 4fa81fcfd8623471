/// Holds a message outside of the one whose field it is: where types contain themselves, which a structure cannot, and where a large
/// message would make every copy of the one around it dear.
public indirect enum ProtobufBox<Value: Hashable & Sendable>: Hashable, Sendable {
    case value(Value)

    @inlinable
    public init(_ value: Value) { self = .value(value) }

    @inlinable
    public var value: Value {
        switch self {
        case .value(let value): value
        }
    }
}
