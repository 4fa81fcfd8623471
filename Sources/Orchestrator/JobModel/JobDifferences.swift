public import Core
import Documents

extension JobSpec {
    /// The fields in which `other` differs, by their paths.
    public func differences(to other: JobSpec) throws(ApolloError) -> [JobPlan.Difference] {
        var differences: [JobPlan.Difference] = []
        Self.compare(try document, try other.document, "", &differences)
        return differences
    }

    private var document: JSONValue {
        get throws(ApolloError) {
            try DocumentDecoder().read(JSONWriter.bytes(encoding: self), of: "the job").value
        }
    }

    private static func compare(
        _ before: JSONValue?, _ after: JSONValue?, _ path: String, _ found: inout [JobPlan.Difference]
    ) {
        guard before != after else { return }
        if case .object(let old)? = before, case .object(let new)? = after {
            for key in Set(old.keys + new.keys).sorted() {
                compare(old[key], new[key], path.isEmpty ? key : "\(path).\(key)", &found)
            }
        } else if case .array(let old)? = before, case .array(let new)? = after, path == "tasks" {
            // Tasks are known by their names, wherever they stand.
            let names = (old + new).compactMap { $0["name"]?.string }
            for name in Set(names).sorted() {
                let task = { (tasks: [JSONValue]) in tasks.first { $0["name"]?.string == name } }
                compare(task(old), task(new), "tasks[\(name)]", &found)
            }
            if old.map({ $0["name"] }) != new.map({ $0["name"] }), Set(names).count * 2 == names.count {
                found.append(.init(path: "tasks", before: nil, after: "in another order"))
            }
        } else if path.hasPrefix("tasks["), before == nil || after == nil, !path.contains("].") {
            let task = (before ?? after)?["image"]?.string ?? (before ?? after)?["executable"]?.string ?? ""
            found.append(
                .init(path: path, before: before == nil ? nil : task, after: after == nil ? nil : task))
        } else {
            found.append(.init(path: path, before: before?.description, after: after?.description))
        }
    }
}
