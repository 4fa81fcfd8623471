extension Parameter {
    /// An option that may be left out: `--name VALUE`, `--name=VALUE`, `-n VALUE`.
    public static func option<Element>(
        _ name: String, short: Character? = nil, _ type: ValueType<Element>, hidden: Bool = false,
        help: String
    ) -> Parameter where Value == Element? {
        let declaration = ParameterDeclaration(
            .option, name, short, type, help: help, hidden: hidden)
        return Parameter(declaration) { given throws(ParameterFault) in
            try type.single(given)
        }
    }

    /// An option that has a value even where it is left out.
    public static func option(
        _ name: String, short: Character? = nil, _ type: ValueType<Value>, default value: Value,
        hidden: Bool = false, help: String
    ) -> Parameter {
        let declaration = ParameterDeclaration(
            .option, name, short, type, help: help, defaultText: type.format(value), hidden: hidden)
        return Parameter(declaration) { given throws(ParameterFault) in
            try type.single(given) ?? value
        }
    }

    /// An option that must be given.
    public static func required(
        _ name: String, short: Character? = nil, _ type: ValueType<Value>, help: String
    ) -> Parameter {
        Parameter(ParameterDeclaration(.option, name, short, type, help: help, required: true)) {
            given throws(ParameterFault) in
            guard let value = try type.single(given) else { throw .missing }
            return value
        }
    }

    /// An option that may be given several times; the values in the order of the line.
    public static func repeated<Element>(
        _ name: String, short: Character? = nil, _ type: ValueType<Element>, help: String
    ) -> Parameter where Value == [Element] {
        Parameter(ParameterDeclaration(.option, name, short, type, help: help, repeated: true)) {
            given throws(ParameterFault) in
            try type.all(given)
        }
    }

    /// A word by its place that must be given.
    public static func argument(_ type: ValueType<Value>, help: String) -> Parameter {
        Parameter(ParameterDeclaration(.argument, type.placeholder, nil, type, help: help, required: true)) {
            given throws(ParameterFault) in
            guard let value = try type.single(given) else { throw .missing }
            return value
        }
    }

    /// A word by its place that may be left out.
    public static func optionalArgument<Element>(
        _ type: ValueType<Element>, help: String
    ) -> Parameter where Value == Element? {
        Parameter(ParameterDeclaration(.argument, type.placeholder, nil, type, help: help)) {
            given throws(ParameterFault) in
            try type.single(given)
        }
    }

    /// All the words that are left, at least one of them where `required`; options may stand between them.
    public static func arguments<Element>(
        _ type: ValueType<Element>, required: Bool = true, help: String
    ) -> Parameter where Value == [Element] {
        let declaration = ParameterDeclaration(
            .arguments, type.placeholder, nil, type, help: help, required: required, repeated: true)
        return Parameter(declaration) { given throws(ParameterFault) in
            if required, given.isEmpty { throw .missing }
            return try type.all(given)
        }
    }
}

extension Parameter where Value == [String] {
    /// All the words that are left, raw, for another program: the first of them, or `--`, ends Apollo's own options.
    public static func rest(
        _ placeholder: String, required: Bool = false, completion: Completion = .none, help: String
    ) -> Parameter {
        // Words of another program may be empty.
        let type = ValueType<String>(placeholder, expecting: "words", completion: completion) { $0 }
        let declaration = ParameterDeclaration(
            .rest, placeholder, nil, type, help: help, required: required, repeated: true)
        return Parameter(declaration) { given throws(ParameterFault) in
            if required, given.isEmpty { throw .missing }
            return given.map(\.text)
        }
    }
}

extension Parameter where Value == Bool {
    /// A flag, false unless given.
    public static func flag(
        _ name: String, short: Character? = nil, hidden: Bool = false, help: String
    ) -> Parameter {
        let declaration = ParameterDeclaration(
            .flag(negatable: false), name, short, ValueType<Bool>.none, help: help, hidden: hidden)
        return Parameter(declaration) { given throws(ParameterFault) in given.last == .on }
    }

    /// A flag that is `value` unless `--name` or `--no-name` says otherwise; the last of them holds.
    public static func flag(
        _ name: String, short: Character? = nil, default value: Bool, help: String
    ) -> Parameter {
        let declaration = ParameterDeclaration(
            .flag(negatable: true), name, short, ValueType<Bool>.none, help: help,
            defaultText: value ? "--\(name)" : "--no-\(name)")
        return Parameter(declaration) { given throws(ParameterFault) in
            given.last.map { $0 == .on } ?? value
        }
    }
}

extension ParameterDeclaration {
    fileprivate init<Value>(
        _ kind: Kind, _ name: String, _ short: Character?, _ type: ValueType<Value>, help: String,
        required: Bool = false, repeated: Bool = false, defaultText: String? = nil, hidden: Bool = false
    ) {
        self.init(
            name: name, short: short, kind: kind, placeholder: type.placeholder, help: help,
            isRequired: required, isRepeated: repeated, defaultText: defaultText, choices: type.choices,
            completion: type.completion, isHidden: hidden)
    }
}

extension ValueType {
    fileprivate func all(_ occurrences: [Occurrence]) throws(ParameterFault) -> [Value] {
        var values: [Value] = []
        for occurrence in occurrences {
            guard let value = parse(occurrence.text) else {
                throw .wrong(text: occurrence.text, expectation: expectation)
            }
            values.append(value)
        }
        return values
    }

    fileprivate func single(_ occurrences: [Occurrence]) throws(ParameterFault) -> Value? {
        let values = try all(occurrences)
        // Two answers to one question are a slip more often than an intention.
        guard values.count <= 1 else { throw .repeated }
        return values.first
    }
}

extension ValueType where Value == Bool {
    /// Flags have no value to read.
    fileprivate static var none: ValueType { ValueType("", expecting: "nothing") { _ in nil } }
}
