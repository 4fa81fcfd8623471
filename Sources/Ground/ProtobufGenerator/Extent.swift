/// How large messages are as structures, and which of their fields go into boxes: those of types that contain themselves, and
/// those of large types.
struct Extent {
    let schema: Schema
    private static let largest = 128

    init(schema: Schema) { self.schema = schema }

    /// Whether a field of type `name` in the message `scope` is boxed.
    func boxes(_ name: String, in scope: String) -> Bool {
        var seen: Set<String> = []
        return reaches(scope, from: name, &seen) || size(of: name) > Self.largest
    }

    /// Types that a message holds as single values.
    private func held(by name: String) -> [FieldDescriptor] {
        schema.message(name)?.field.filter { $0.type == .message && $0.label != .repeated } ?? []
    }

    private func reaches(_ target: String, from name: String, _ seen: inout Set<String>) -> Bool {
        if name == target { return true }
        guard seen.insert(name).inserted else { return false }
        return held(by: name).contains { reaches(target, from: $0.typeName, &seen) }
    }

    /// About so many bytes.
    private func size(of name: String) -> Int {
        guard let message = schema.message(name) else { return 0 }
        var total = 8
        var choices: [Int32: Int] = [:]
        for field in message.field {
            let size = size(of: field, in: name)
            if let index = field.oneofIndex, !field.proto3Optional {
                choices[index] = max(choices[index] ?? 0, size)
            } else {
                total += size
            }
        }
        return total + choices.values.reduce(0) { $0 + $1 + 8 }
    }

    private func size(of field: FieldDescriptor, in scope: String) -> Int {
        if field.label == .repeated { return 8 }
        switch field.type {
        case .string: return 16
        case .message: return boxes(field.typeName, in: scope) ? 8 : size(of: field.typeName) + 8
        default: return field.proto3Optional ? 16 : 8
        }
    }
}
