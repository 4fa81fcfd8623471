import Documents

/// Reads the members of one object of a document, by where it stands.
struct ImageReading {
    let object: JSONObject
    /// Such as `layers[2]`, for messages; empty for the whole document.
    let path: String

    init(_ value: JSONValue, path: String) throws(ImageError) {
        guard let object = value.object else {
            throw .document("\(path.isEmpty ? "the document" : path) is \(value.kindName), and no object")
        }
        self.object = object
        self.path = path
    }

    /// Reads a whole document.
    init(_ bytes: [UInt8]) throws(ImageError) {
        guard bytes.count <= ImageLimits.document else {
            throw .tooLarge(bytes.count, limit: ImageLimits.document)
        }
        let value: JSONValue
        do throws(JSONError) {
            value = try JSONReader(maximumSize: ImageLimits.document, maximumDepth: 16).read(bytes)
        } catch {
            throw .document("the document is no JSON: \(error)")
        }
        try self.init(value, path: "")
    }

    func name(_ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

    /// What is there; nil where it is not, or null, as Go writes what is empty.
    func value(_ key: String) -> JSONValue? {
        // Not by a ternary: there nil would be a value, that of null.
        guard let value = object[key], !value.isNull else { return .none }
        return value
    }

    func optionalText(_ key: String) throws(ImageError) -> String? {
        guard let value = value(key) else { return nil }
        guard let text = value.string else {
            throw .document("\(name(key)) is \(value.kindName), and no string")
        }
        return text
    }

    func text(_ key: String) throws(ImageError) -> String {
        guard let text = try optionalText(key) else { throw .document("\(name(key)) is missing") }
        return text
    }

    func size(_ key: String) throws(ImageError) -> Int64 {
        guard let value = value(key) else { throw .document("\(name(key)) is missing") }
        guard let size = value.integer, size >= 0 else {
            throw .document("\(name(key)) is no number of bytes")
        }
        return size
    }

    func texts(_ key: String) throws(ImageError) -> [String] {
        guard let value = value(key) else { return [] }
        guard let texts = value.array?.map(\.string), !texts.contains(nil) else {
            throw .document("\(name(key)) is no list of strings")
        }
        return texts.compactMap(\.self)
    }

    func annotations(_ key: String) throws(ImageError) -> ImageAnnotations {
        guard let member = try member(key) else { return [:] }
        guard member.object.count <= ImageLimits.annotations else {
            throw .document("\(name(key)) has more than \(ImageLimits.annotations) members")
        }
        var annotations: ImageAnnotations = [:]
        for each in member.object.members {
            guard let text = each.value.string else {
                throw .document("\(member.name(each.key)) is \(each.value.kindName), and no string")
            }
            annotations[each.key] = text
        }
        return annotations
    }

    /// The keys of a set, which is written as an object of empty objects.
    func keys(_ key: String) throws(ImageError) -> [String] {
        try member(key)?.object.keys.sorted() ?? []
    }

    func member(_ key: String) throws(ImageError) -> ImageReading? {
        guard let value = value(key) else { return nil }
        return try ImageReading(value, path: name(key))
    }

    func members(_ key: String, limit: Int) throws(ImageError) -> [ImageReading] {
        guard let value = value(key) else { return [] }
        guard let array = value.array else {
            throw .document("\(name(key)) is \(value.kindName), and no list")
        }
        guard array.count <= limit else { throw .document("\(name(key)) has more than \(limit) elements") }
        var members: [ImageReading] = []
        for (index, each) in array.enumerated() {
            members.append(try ImageReading(each, path: "\(name(key))[\(index)]"))
        }
        return members
    }

    func descriptor(_ key: String) throws(ImageError) -> ImageDescriptor? {
        guard let member = try member(key) else { return nil }
        return try ImageDescriptor(member)
    }

    func descriptors(_ key: String, limit: Int) throws(ImageError) -> [ImageDescriptor] {
        var all: [ImageDescriptor] = []
        for member in try members(key, limit: limit) { all.append(try ImageDescriptor(member)) }
        return all
    }
}
