extension ProtobufReader {
    /// Where the message around the one that was entered ends.
    public struct Enclosure: ~Copyable {
        @usableFromInline let end: UnsafeRawPointer

        @usableFromInline init(end: UnsafeRawPointer) { self.end = end }
    }

    /// Goes into a message that is a field's value: until ``leave(_:)`` only its fields are read.
    @inlinable
    public mutating func enter() throws(ProtobufError) -> Enclosure {
        let length = try length()
        guard depth > 0 else { throw failure(.tooDeep) }
        depth -= 1
        let enclosure = Enclosure(end: end)
        end = position + length
        return enclosure
    }

    /// Goes on behind a message all of whose fields were read.
    @inlinable
    public mutating func leave(_ enclosure: consuming Enclosure) {
        end = enclosure.end
        depth += 1
    }

    /// Merges a message into one that is there.
    @inlinable
    public mutating func message<Message: ProtobufMessage>(
        into message: inout Message
    ) throws(ProtobufError) {
        let enclosure = try enter()
        try message.merge(from: &self)
        leave(enclosure)
    }

    /// Merges a message into one that may be there.
    @inlinable
    public mutating func message<Message: ProtobufMessage>(
        into field: inout Message?
    ) throws(ProtobufError) {
        var message = field.take() ?? Message()
        try self.message(into: &message)
        field = consume message
    }

    /// Merges a message into one that may be there, in its box.
    @inlinable
    public mutating func message<Message: ProtobufMessage>(
        into field: inout ProtobufBox<Message>?
    ) throws(ProtobufError) {
        var message = field.take()?.value ?? Message()
        try self.message(into: &message)
        field = ProtobufBox(consume message)
    }

    /// Adds a message to a list.
    @inlinable
    public mutating func message<Message: ProtobufMessage>(
        appendingTo list: inout [Message]
    ) throws(ProtobufError) {
        var message = Message()
        try self.message(into: &message)
        list.append(consume message)
    }
}
