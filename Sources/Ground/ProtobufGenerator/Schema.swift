/// Every type of the request by its full name, as descriptors have it: with a dot before it.
struct Schema {
    /// A message or an enumeration, and what it is in Swift.
    struct Definition {
        enum Content {
            case message(MessageDescriptor)
            case enumeration(EnumDescriptor)
        }

        var content: Content
        /// The names of the types it lies in, and its own.
        var path: [String]
        var file: String
        var isProto3: Bool
    }

    private(set) var definitions: [String: Definition] = [:]
    let files: [String: FileDescriptor]
    let options: GeneratorOptions

    init(_ files: [FileDescriptor], options: GeneratorOptions) {
        self.options = options
        self.files = Dictionary(files.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        for file in files {
            let scope = file.package.isEmpty ? "" : "." + file.package
            for message in file.messageType { add(message, to: scope, path: [], file) }
            for enumeration in file.enumType { add(enumeration, to: scope, path: [], file) }
        }
    }

    private mutating func add(
        _ message: MessageDescriptor, to scope: String, path: [String], _ file: FileDescriptor
    ) {
        let (name, path) = (scope + "." + message.name, path + [SwiftName.type(message.name)])
        definitions[name] = Definition(
            content: .message(message), path: path, file: file.name, isProto3: file.syntax == "proto3")
        for nested in message.nestedType { add(nested, to: name, path: path, file) }
        for nested in message.enumType { add(nested, to: name, path: path, file) }
    }

    private mutating func add(
        _ enumeration: EnumDescriptor, to scope: String, path: [String], _ file: FileDescriptor
    ) {
        definitions[scope + "." + enumeration.name] = Definition(
            content: .enumeration(enumeration), path: path + [SwiftName.type(enumeration.name)],
            file: file.name,
            isProto3: file.syntax == "proto3")
    }

    func message(_ name: String) -> MessageDescriptor? {
        if case .message(let message)? = definitions[name]?.content { message } else { nil }
    }

    func enumeration(_ name: String) -> EnumDescriptor? {
        if case .enumeration(let enumeration)? = definitions[name]?.content { enumeration } else { nil }
    }

    /// The Swift module with the code of a file.
    func module(of file: String) -> String { options.modules[file] ?? options.module }

    /// How the type `name` is written inside the message `scope`. Where a type in between has the name, the module stands before.
    func reference(_ name: String, in scope: String) -> String {
        guard let definition = definitions[name] else { return "Never" }
        let path = definition.path.joined(separator: ".")
        var (around, isHidden) = (scope, false)
        while let message = message(around) {
            let nested =
                message.nestedType.map { SwiftName.type($0.name) }
                + message.enumType.map { SwiftName.type($0.name) }
                + message.realOneofs.map { message.choice(of: $0) }
            if nested.contains(definition.path[0]) { isHidden = true }
            around = String(around[..<(around.lastIndex(of: ".") ?? around.startIndex)])
        }
        let module = module(of: definition.file)
        return isHidden && !module.isEmpty ? "\(module).\(path)" : path
    }
}

extension MessageDescriptor {
    /// The `oneof`s that stand in the file, by their index.
    var realOneofs: [Int] {
        oneofDecl.indices.filter { index in
            field.contains { $0.oneofIndex == Int32(index) && !$0.proto3Optional }
        }
    }

    /// The name of the enumeration for a `oneof`.
    func choice(of oneof: Int) -> String {
        let name = SwiftName.type(oneofDecl[oneof].name)
        let others = nestedType.map { SwiftName.type($0.name) } + enumType.map { SwiftName.type($0.name) }
        return others.contains(name) ? name + "Choice" : name
    }
}
